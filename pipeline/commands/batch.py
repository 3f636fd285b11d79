"""One line of JSON at the end of a command, for batch jobs: what was done, or why not.

Promise: it is the last line of stdout, also of a command that fails, and its exit code is that of the process.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from pipeline.config.secrets import without_secrets
from pipeline.errors import EXIT_FAULT
from pipeline.runner.stage import exit_code_of

_OF_SUMMARY = ("users_in_log", "listed", "actions", "expected", "grade", "scored_by", "csv")


@contextmanager
def json_line(command: str, *, asked: bool) -> Iterator[dict[str, Any]]:
    """The block adds to the line, which is printed if it is `asked` for or stdout is no terminal."""
    line: dict[str, Any] = {"command": command, "status": "done", "exit_code": 0}
    begun = perf_counter()
    try:
        yield line
    except Exception as error:
        code = exit_code_of(error)
        line |= {
            "status": "failed",
            "exit_code": code or EXIT_FAULT,
            "message": without_secrets(str(error) or repr(error)),
        }
        raise
    finally:
        if asked or not sys.stdout.isatty():
            line["seconds"] = round(perf_counter() - begun, 1)
            sys.stdout.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
            sys.stdout.flush()


def of_list(folder: Path | None, summary: Mapping[str, Any]) -> dict[str, Any]:
    """What the line says of a list: where it is (null: nowhere), and the main entries of its `summary.json`."""
    entries = {name: summary[name] for name in _OF_SUMMARY if name in summary}
    return {"as_of": summary["as_of"], "list": None if folder is None else str(folder), **entries}
