"""Runs one stage: its `run` signature is its contract.

Sections of params.yaml, files in and files out are read off the signature. Outputs are written aside
and renamed when the stage is done, so they appear whole or not at all.
"""

import inspect
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

from pipeline.config.params import PARAMS_FILE, Params, Section, load_params, section_name
from pipeline.errors import EXIT_EXPECTED, EXPECTED_ERRORS, InputError

In = Annotated[Path, "in"]
Out = Annotated[Path, "out"]


@dataclass(frozen=True, slots=True)
class Signature:
    """What a stage reads and writes: argument name to section, or to path."""

    sections: dict[str, type[Section]]
    inputs: dict[str, Path]
    outputs: dict[str, Path]


def signature_of(run: Callable[..., None]) -> Signature:
    """What the signature of `run` states."""
    hints = get_type_hints(run, include_extras=True)
    defaults = {name: p.default for name, p in inspect.signature(run).parameters.items()}
    sections, inputs, outputs = {}, {}, {}
    for name, default in defaults.items():
        hint = hints[name]
        if isinstance(hint, type) and issubclass(hint, Section):
            sections[name] = hint
        elif get_origin(hint) is Annotated and "out" in get_args(hint):
            outputs[name] = default
        elif get_origin(hint) is Annotated and "in" in get_args(hint):
            inputs[name] = default
        else:
            raise TypeError(f"{run.__module__}.run: argument {name!r} is neither a section, In nor Out")
    return Signature(sections, inputs, outputs)


def run_stage(run: Callable[..., None], params: Params, root: Path = Path()) -> None:
    """Run one stage below `root` with its own sections, inputs and outputs."""
    signature = signature_of(run)
    for path in signature.inputs.values():
        if not (root / path).exists():
            raise InputError(f"{root / path}: no such input.\nRun the stage that writes it: dvc repro")
    sections = {name: getattr(params, section_name(section)) for name, section in signature.sections.items()}
    inputs = {name: root / path for name, path in signature.inputs.items()}
    with written_aside({name: root / path for name, path in signature.outputs.items()}) as outputs:
        run(**sections, **inputs, **outputs)


@contextmanager
def written_aside(targets: dict[str, Path]) -> Iterator[dict[str, Path]]:
    """Paths to write to; when the block ends well they replace `targets`, else they go."""
    aside = {name: path.with_name(f".part-{path.name}") for name, path in targets.items()}
    for path in aside.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(path)
    try:
        yield aside
        for name, path in aside.items():
            _remove(targets[name])
            path.rename(targets[name])
    finally:
        for path in aside.values():
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def main(run: Callable[..., None]) -> None:
    """Run a stage as `python -m pipeline.STAGE` does: messages for people, exit codes for jobs."""
    with expected_errors():
        run_stage(run, load_params(PARAMS_FILE))


@contextmanager
def expected_errors() -> Iterator[None]:
    """Show what a user can mend without a traceback, and exit with code 2."""
    try:
        yield
    except EXPECTED_ERRORS as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_EXPECTED)
