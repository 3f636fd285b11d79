"""Writes dvc.yaml from the code: `make dvc`.

The command, the data read and written, the sections of params.yaml and the code of a stage come from the signature of
its `run` and from what its module imports. People write the rest: the order of the stages, comments, how an output is
plotted, and dependencies on paths that params.yaml names.

Promise: what people wrote stays. A stage without an entry gets one at the end of dvc.yaml. An entry without a stage is
removed.
"""

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import grimp
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from pipeline import stages
from pipeline.config.import_lists import ImportLists
from pipeline.config.section import section_name
from pipeline.config.sections import Plays
from pipeline.errors import InputError
from pipeline.runner.stage import Signature, signature_of
from pipeline.storage.files import read_text, write_text

PACKAGES = ("pipeline", "features", "models")
DVC_FILES = (Path("dvc.yaml"), Path("data/raw/dvc.yaml"))
"""The pipeline and the demo log. `dvc repro` runs all stages of the first file, and those it needs of the second."""
CONTRACT = "${log.contract}"
BY_SECTION = {Plays: "${plays.path}", ImportLists: "${import_lists.path}"}
"""The files that a stage depends on if it has the section that names them."""
_READS_CONTRACT = "pipeline.log.contract_file"
_OUTPUT_KEYS = ("outs", "metrics", "plots")
_MOST_ROOMS = 4
"""A stage that needs more rooms of features/ or models/ depends on the whole package: a list that people can read is
worth a stage that runs once too often."""
_WIDTH = 115
_NEXT_TOP_KEY = re.compile(r"^(?=\S)", re.MULTILINE)
_ENTRY = re.compile(r"(?m:^)(?P<above>(?:  #.*\n|\n)*)  (?P<name>\w+):\n(?P<body>(?:    .*\n|\n(?=    ))*)")


@dataclass(frozen=True, slots=True)
class _Text:
    """A dvc.yaml, cut into head, stages and tail. `entries` by name, each with the comments above it."""

    head: str
    entries: dict[str, tuple[str, str]]
    tail: str


def stage_names() -> list[str]:
    """The modules of `pipeline/stages`, by name."""
    return sorted(module.name for module in pkgutil.iter_modules(stages.__path__))


def stage_entries(root: Path) -> dict[str, dict[str, Any]]:
    """The entry of each stage in the DVC files below `root`, in the order in which they are run."""
    files = [YAML(typ="safe").load(root / file) for file in reversed(DVC_FILES)]
    return {name: entry for file in files for name, entry in file["stages"].items()}


def write_dvc_files(root: Path) -> None:
    """Bring the DVC files below `root` up to date with the code that this process imports."""
    texts = {file: _cut(file, read_text(root / file)) for file in DVC_FILES}
    graph = grimp.build_graph(*PACKAGES)
    names = stage_names()
    new = [name for name in names if not any(name in text.entries for text in texts.values())]
    for file, text in texts.items():
        ordered = [name for name in text.entries if name in names]
        if file == DVC_FILES[0]:
            ordered += new
        entries = []
        for name in ordered:
            above, body = text.entries.get(name, ("", ""))
            entries.append(f"{above}  {name}:\n{indent(_completed(body, name, graph), '    ')}")
        write_text(text.head + "\n".join(entries) + text.tail, root / file)


def code_of(stage: str, graph: Any) -> list[str]:
    """The folders and files of code that a stage depends on, directly or not: rooms, or a whole package."""
    module = f"pipeline.stages.{stage}"
    needed = {module_path(name) for name in graph.find_upstream_modules(module) | {module}}
    return sorted(path for package in PACKAGES for path in _rooms(package, needed))


def module_path(module: str) -> Path:
    """The file of a module, or the `__init__.py` of a package, relative to the project's root."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    return Path(spec.origin).relative_to(Path(__file__).parents[2])


def _cut(file: Path, content: str) -> _Text:
    head, begin, rest = content.partition("\nstages:\n")
    tail = _NEXT_TOP_KEY.search(rest)
    middle = rest[: tail.start()] if tail else rest
    unread = _ENTRY.sub("", middle).strip()
    if not begin or unread:
        raise InputError(
            f"{file}: {unread.splitlines()[0] if unread else 'there is no `stages:`'}\n"
            "Write `stages:` on a line of its own, each stage two spaces in and what it has four spaces in."
        )
    entries = {
        entry["name"]: (entry["above"].lstrip("\n").replace("\n\n", "\n"), entry["body"])
        for entry in _ENTRY.finditer(middle)
    }
    return _Text(head + begin, entries, "\n" + rest[tail.start() :] if tail else "")


def _rooms(package: str, needed: Iterable[Path]) -> list[str]:
    """The folders just below `package`, and single files: those beside the folders and those of stages."""
    rooms = set()
    for path in needed:
        if path.parts[0] != package or path == Path(package, "__init__.py"):
            continue
        alone = len(path.parts) == 2 or path.parts[1] == "stages"
        rooms.add(path.as_posix() if alone else "/".join(path.parts[:2]))
    return [package] if package != "pipeline" and len(rooms) > _MOST_ROOMS else list(rooms)


def _completed(body: str, name: str, graph: Any) -> str:
    """The entry of a stage as text, brought up to date; `body`: what it is today, or nothing."""
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    entry = yaml.load(dedent(body)) or CommentedMap()
    signature = signature_of(importlib.import_module(f"pipeline.stages.{name}").run)
    entry["cmd"] = f"python -m pipeline.stages.{name}"
    data = [path.as_posix() for path in signature.inputs.values()]
    _replace(entry, "deps", [*_named_by_params(entry, name, signature, graph), *data, *code_of(name, graph)])
    _replace(entry, "params", list(map(section_name, signature.sections.values())), in_a_line=True)
    _complete_outputs(entry, signature)
    text = StringIO()
    yaml.dump(entry, text)
    return text.getvalue()


def _named_by_params(entry: CommentedMap, name: str, signature: Signature, graph: Any) -> list[str]:
    """Paths that params.yaml names: those that people wrote, the contract, and the files of `BY_SECTION`.

    A stage depends on the log's contract if its code reads it.
    """
    ours = (CONTRACT, *BY_SECTION.values())
    written = [dep for dep in entry.get("deps", []) if dep.startswith("${") and dep not in ours]
    if _READS_CONTRACT in graph.find_upstream_modules(f"pipeline.stages.{name}"):
        written.append(CONTRACT)
    sections = set(signature.sections.values())
    return [*written, *(file for section, file in BY_SECTION.items() if section in sections)]


def _replace(entry: CommentedMap, key: str, values: list[str], *, in_a_line: bool = False) -> None:
    """Put `values` under `key`; a comment beside a value stays beside it."""
    before = entry.get(key, CommentedSeq())
    if list(before) == values:
        return
    after = CommentedSeq(values)
    for index, comment in before.ca.items.items():
        if before[index] in values:
            after.ca.items[values.index(before[index])] = comment
    if in_a_line:
        after.fa.set_flow_style()
    entry[key] = after


def _complete_outputs(entry: CommentedMap, signature: Signature) -> None:
    """Outputs stay where people put them (`outs`, `metrics`, `plots`); a new one goes to `outs`."""
    written = [path.as_posix() for path in signature.outputs.values()]
    for key in _OUTPUT_KEYS:
        kept = [output for output in entry.get(key, []) if _path(output) in written]
        if key in entry and not kept:
            del entry[key]
        elif key in entry and len(kept) < len(entry[key]):
            entry[key][:] = kept
    listed = {_path(output) for key in _OUTPUT_KEYS for output in entry.get(key, [])}
    missing = [path for path in written if path not in listed]
    if missing:
        entry.setdefault("outs", CommentedSeq()).extend(missing)
        entry["outs"].fa.set_flow_style()


def _path(output: Any) -> str:
    """An output is a path, or a mapping from the path to how it is plotted."""
    return str(next(iter(output))) if isinstance(output, dict) else str(output)


if __name__ == "__main__":
    write_dvc_files(Path())
