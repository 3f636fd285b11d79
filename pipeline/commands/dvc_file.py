"""Writes into dvc.yaml what the stages' signatures and imports say: `make dvc`.

Promise: what people wrote there stays (comments, titles of plots, dependencies on paths of params.yaml); a stage
without an entry gets one, and an entry without a stage goes.
"""

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import grimp
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from pipeline import stages
from pipeline.runner.stage import Signature, signature_of

PACKAGES = ("pipeline", "features", "models")
DVC_FILE = Path("dvc.yaml")
CONTRACT = "${log.contract}"
_READS_CONTRACT = "pipeline.log.contract_file"
_SHOWN = ("outs", "metrics", "plots")
_NO_BLANK_LINE = re.compile(r"(?<=[^\n:])\n(?=  \w+:\n    cmd:)")
"""Where a list was replaced, the blank line before the next stage went with its last entry."""
_ROOMS_OF_A_PACKAGE = 3
"""A stage that needs more rooms of a package depends on the whole package."""


def stage_names() -> list[str]:
    """The modules of `pipeline/stages`, by name."""
    return sorted(module.name for module in pkgutil.iter_modules(stages.__path__))


def write_dvc_file(root: Path) -> None:
    """Bring `dvc.yaml` below `root` up to date with the code."""
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    file = root / DVC_FILE
    content = yaml.load(file)
    graph = grimp.build_graph(*PACKAGES)
    entries = content["stages"]
    for name in [name for name in entries if name not in stage_names()]:
        del entries[name]
    for name in stage_names():
        _complete(entries.setdefault(name, CommentedMap()), name, graph)
    text = StringIO()
    yaml.dump(content, text)
    file.write_text(_NO_BLANK_LINE.sub("\\n\\n", text.getvalue()), "utf-8")


def code_of(stage: str, graph: Any) -> list[str]:
    """The folders and files of code that a stage depends on: rooms of a package, or the whole package."""
    module = f"pipeline.stages.{stage}"
    needed = {module_path(found) for found in graph.find_upstream_modules(module)} | {module_path(module)}
    return sorted(path for package in PACKAGES for path in _rooms(package, needed))


def module_path(module: str) -> Path:
    """Where a module lies, from the project's root: a file, or the `__init__.py` of a package."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(module)
    root = Path(__file__).parents[2]
    return Path(found.origin).relative_to(root)


def _rooms(package: str, needed: Iterable[Path]) -> list[str]:
    """The folders just below `package`, or single files of its ground floor and of its stages."""
    rooms = set()
    for path in needed:
        if path.parts[0] != package or path == Path(package, "__init__.py"):
            continue
        alone = len(path.parts) == 2 or path.parts[1] == "stages"
        rooms.add(path.as_posix() if alone else "/".join(path.parts[:2]))
    folders = [room for room in rooms if not room.endswith(".py")]
    whole = package != "pipeline" and len(folders) > _ROOMS_OF_A_PACKAGE
    return [package] if whole else sorted(rooms)


def _complete(entry: CommentedMap, name: str, graph: Any) -> None:
    signature = signature_of(importlib.import_module(f"pipeline.stages.{name}").run)
    entry["cmd"] = f"python -m pipeline.stages.{name}"
    kept = [dep for dep in entry.get("deps", []) if str(dep).startswith("${") and dep != CONTRACT]
    if _READS_CONTRACT in graph.find_upstream_modules(f"pipeline.stages.{name}"):
        kept.append(CONTRACT)
    data = [path.as_posix() for path in signature.inputs.values()]
    _replace(entry, "deps", [*kept, *data, *code_of(name, graph)])
    _replace(entry, "params", [section.__name__.lower() for section in signature.sections.values()])
    entry["params"].fa.set_flow_style()
    _complete_outputs(entry, signature)


def _replace(entry: CommentedMap, key: str, values: list[str]) -> None:
    """Keep the comments of what stays: the list is changed in place."""
    if key not in entry:
        entry[key] = CommentedSeq(values)
        return
    entry[key][:] = values


def _complete_outputs(entry: CommentedMap, signature: Signature) -> None:
    written = [path.as_posix() for path in signature.outputs.values()]
    for key in _SHOWN:
        if key in entry:
            entry[key][:] = [one for one in entry[key] if _path(one) in written]
            if not entry[key]:
                del entry[key]
    there = {_path(one) for key in _SHOWN for one in entry.get(key, [])}
    missing = [path for path in written if path not in there]
    if missing:
        entry.setdefault("outs", CommentedSeq()).extend(missing)
        entry["outs"].fa.set_flow_style()


def _path(output: Any) -> str:
    return str(next(iter(output))) if isinstance(output, dict) else str(output)


if __name__ == "__main__":
    write_dvc_file(Path())
