"""Runs one stage: the signature of its `run` lists all that it reads and writes.

These are sections of params.yaml, input data sets and output data sets. Their columns are checked against
`storage/datasets.py`. The outputs appear together when the stage is done, or not at all.
"""

import errno
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

import polars as pl

from pipeline.config.params import PARAMS_FILE, load_params
from pipeline.config.secrets import without_secrets
from pipeline.config.section import Section, section_name
from pipeline.config.sections import Params
from pipeline.errors import EXIT_EXPECTED, EXIT_FAULT, EXPECTED_ERRORS, PASSING_ERRORS, InputError
from pipeline.storage.checked import check_columns, complete, refuse_damaged, refuse_unreadable
from pipeline.storage.commit import finish_commits, written_together

In = Annotated[Path, "in"]
Out = Annotated[Path, "out"]
_MOST_SHOWN = 4000
_DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True, slots=True)
class Signature:
    """The sections and data sets of a stage: argument name to section, or to path."""

    sections: dict[str, type[Section]]
    inputs: dict[str, Path]
    outputs: dict[str, Path]


def signature_of(run: Callable[..., None]) -> Signature:
    """The signature of a stage's `run`."""
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
    """Run one stage below `root` with its own sections, inputs and outputs.

    Raises InputError when an input is missing or has other columns, or another process writes an output.
    """
    signature = signature_of(run)
    for path in signature.inputs.values():
        finish_commits(root / path)
        if not (root / path).exists():
            raise InputError(f"{root / path}: no such input.\nRun the stage that writes it: dvc repro")
        refuse_damaged(path, root / path)
        check_columns(path, root / path)
    sections = {name: getattr(params, section_name(section)) for name, section in signature.sections.items()}
    inputs = {name: root / path for name, path in signature.inputs.items()}
    targets = {name: root / path for name, path in signature.outputs.items()}
    with _disk_named(targets.values()), written_together(targets) as outputs:
        with _damage_named(inputs.values()):
            run(**sections, **inputs, **outputs)
        for name, path in signature.outputs.items():
            complete(path, outputs[name])
            check_columns(path, outputs[name])


@contextmanager
def _disk_named(outputs: Iterable[Path]) -> Iterator[None]:
    """The block writes `outputs`. An error of a full or closed disk names a file: the first output if no other."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        number = _disk_fault(error)
        if number is None or (isinstance(error, OSError) and error.filename):
            raise
        raise OSError(number, os.strerror(number), str(next(iter(outputs), "."))) from error


@contextmanager
def _damage_named(inputs: Iterable[Path]) -> Iterator[None]:
    """The block reads `inputs`. If it fails as code does, and one is damaged, that is the error: an InputError."""
    try:
        yield
    except (Exception, pl.exceptions.PanicException) as error:
        if not isinstance(error, Exception) or exit_code_of(error) is None:
            for path in inputs:
                refuse_unreadable(path)
        raise


def main(run: Callable[..., None]) -> None:
    """Run a stage as `python -m pipeline.stages.NAME` does: messages for people, exit codes for jobs."""
    with expected_errors():
        run_stage(run, load_params(PARAMS_FILE))


@contextmanager
def expected_errors() -> Iterator[None]:
    """Show errors that a user can mend without a traceback, and exit with the code of `exit_code_of`."""
    try:
        yield
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        number = None if isinstance(error, (*EXPECTED_ERRORS, *PASSING_ERRORS)) else _disk_fault(error)
        if number is None:
            sys.stderr.write(f"{_readable(error)}\n")
        else:
            place = (
                f"{without_secrets(str(error.filename))}: "
                if isinstance(error, OSError) and error.filename
                else ""
            )
            sys.stderr.write(
                f"{place}{os.strerror(number)}.\nGive the folder space and write permission, and run it again.\n"
            )
        sys.exit(code)


def exit_code_of(error: Exception) -> int | None:
    """2 for what a user can mend; 1 for what may pass: a disk that is full, a database that is down, another process.

    None: a fault of the code, which has a traceback.
    """
    if isinstance(error, PASSING_ERRORS):
        return EXIT_FAULT
    if isinstance(error, EXPECTED_ERRORS):
        return EXIT_EXPECTED
    return None if _disk_fault(error) is None else EXIT_FAULT


def _readable(error: Exception) -> str:
    """The message, without passwords, and without the rest of a line that quotes very much of the input."""
    lines = str(error).splitlines()
    short = (line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]} …" for line in lines)
    return "\n".join(map(without_secrets, short))


def _disk_fault(error: Exception) -> int | None:
    """The system's number of a disk that is full or not writable. Polars has it in its text only."""
    if isinstance(error, OSError) and error.errno is not None:
        number = error.errno
    elif not isinstance(error, OSError | pl.exceptions.ComputeError):
        return None
    else:
        in_text = re.search(r"\(os error (\d+)\)", str(error))
        number = int(in_text[1]) if in_text else 0
    return number if number in _DISK_FAULTS else None
