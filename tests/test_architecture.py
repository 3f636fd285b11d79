"""Laws on the layout: docs/architecture.md is true, a test lies where its module lies, rooms stay small."""

import re
import tomllib
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.support.paths import ROOT

PACKAGES = ("features", "models", "pipeline")
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
MODULES = [
    file.relative_to(ROOT)
    for package in (*PACKAGES, "benchmarks")
    for file in sorted((ROOT / package).rglob("*.py"))
    if file.name != "__init__.py"
]
TESTS = sorted(file.relative_to(ROOT) for file in (ROOT / "tests").rglob("test_*.py"))

MOST_MODULES = 15
MOST_LINES = 350
LONG_ROOM = Path("pipeline/stages")
"""One module for each stage, so the room grows with the pipeline."""
OF_NO_MODULE = {
    "tests/features/catalogue/test_examples.py": "one worked example for each feature of the catalogue",
    "tests/features/catalogue/test_laws.py": "laws that hold for every feature of the catalogue",
    "tests/models/learning/test_baseline.py": "the baseline: its fit, and its numbers in the list model",
    "tests/pipeline/storage/test_only_here.py": "who may read and write files",
    "tests/pipeline/stages/test_bad_input.py": "what several stages say of bad input",
    "tests/pipeline/stages/test_rubbish.py": "what several stages make of rubbish",
    "tests/pipeline/stages/test_exports.py": "the contracts in data/contracts/exports, on logs of their tools",
    "tests/pipeline/stages/test_templates.py": "the external data in data/contracts/templates, on a tiny log",
    "tests/pipeline/stages/test_end_to_end.py": "all stages, one after another",
}
"""Tests of more than one module, and what they test. Tests of the project lie in `tests`, those on public logs in
`tests/real`."""


def modules_below(folder: str) -> set[Path]:
    return {module for module in MODULES if module.is_relative_to(folder)}


def packages_below(package: str) -> set[str]:
    """The rooms of a package, as paths from it."""
    return {
        file.parent.relative_to(ROOT / package).as_posix() for file in (ROOT / package).rglob("*/__init__.py")
    }


def table(package: str) -> dict[str, str]:
    """The page's table of a package: room to purpose, `ground` to the modules that lie in no room."""
    rows = PAGE.split(f"| {package}/ | purpose |\n|---|---|\n")[1].split("\n\n")[0].splitlines()
    cells = (row.strip("| ").split(" | ", 1) for row in rows)
    return {room.strip("`/"): purpose for room, purpose in cells}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_room_is_named_and_every_name_is_a_room(package: str) -> None:
    assert set(table(package)) - {"ground"} == packages_below(package)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_ground_floor_is_named(package: str) -> None:
    named = set(re.findall(r"`(\w+\.py)`", table(package)["ground"]))
    assert named == {module.name for module in modules_below(package) if len(module.parts) == 2}


def test_the_directions_are_those_that_import_linter_holds() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    held = {
        contract["containers"][0]: contract["layers"]
        for contract in contracts
        if contract["type"] == "layers" and "containers" in contract
    }
    told = PAGE.split("## Directions")[1].split("```")[1].strip().splitlines()
    assert {line.split(": ", 1)[0]: line.split(": ", 1)[1].split(" > ") for line in told} == held


PATHS = set(re.findall(r"`((?:features|models|pipeline|tests)/[\w/.]+)`", PAGE))


@pytest.mark.parametrize("path", sorted(PATHS))
def test_every_path_that_the_page_names_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_page_names_the_three_ways() -> None:
    ways = PAGE.split("## Three ways through the house")[1].split("## Words")[0]
    assert ways.count("\n**") == 3


def test_a_test_lies_where_its_module_lies() -> None:
    tested = {test: Path(*test.parts[1:-1], test.name.removeprefix("test_")) for test in TESTS}
    astray = {
        test.as_posix()
        for test, module in tested.items()
        if len(test.parts) > 2 and test.parts[1] != "real" and module not in MODULES
    }
    assert astray == set(OF_NO_MODULE)


def test_no_room_is_crowded() -> None:
    sizes = Counter(module.parent for module in MODULES)
    crowded = {
        room.as_posix(): size for room, size in sizes.items() if size > MOST_MODULES and room != LONG_ROOM
    }
    assert crowded == {}


def test_no_file_is_long() -> None:
    lengths = {
        path.as_posix(): len((ROOT / path).read_text("utf-8").splitlines()) for path in [*MODULES, *TESTS]
    }
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_import_goes_in_a_circle() -> None:
    graph = grimp.build_graph(*PACKAGES)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(f"imports in a circle: {' -> '.join(error.args[1])}")
