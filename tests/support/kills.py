"""`make kills`: stages and commands killed at a place by seed. Nothing is lost, and a repeat gives the same bytes.

An even seed kills before a file operation that changes something, an odd one after a share of the usual time.
`python -m tests.support.kills --seeds 200 --only track`; seeds may be a number, or `FROM:TO`.
"""

import argparse
import contextlib
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from pipeline.commands.score import score_log
from pipeline.config.params import load_params
from pipeline.runner.stage import run_stage, signature_of
from pipeline.storage.commit import finish_commits
from tests.support.left_behind import differing, digests_of, said_by_store
from tests.support.paths import ROOT
from tests.support.tiny import project, visits

STAGES = (
    "rates", "external", "ingest", "activity", "logins", "landmarks", "listed", "define", "readiness", "train",
    "evaluate", "profile", "health", "score", "business", "report", "drift", "model_card",
)  # fmt: skip
COMMANDS = (*STAGES, "lastlogin score", "track", "lastlogin score", "track", "promote")
"""In the order of seeds: those that take a store are killed more often."""
_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "fcntl.flock", "shutil.rmtree"}
_LEFT = re.compile(r"\.(part|old|commit)-")
_LONGEST = 300
_LISTS = "lists"


@dataclass(frozen=True, slots=True)
class Templates:
    """`new`: a project after all stages but `track`. `old`: one of another log, or none. `store`: with a champion."""

    folder: Path

    @property
    def new(self) -> Path:
        return self.folder / "new"

    @property
    def old(self) -> Path:
        return self.folder / "old"

    @property
    def store(self) -> Path:
        return self.folder / "store"


def main(arguments: list[str] | None = None) -> None:
    """Print each finding with its seed, and a summary; exit code 1 when there is any finding."""
    parser = argparse.ArgumentParser(prog="make kills", description="Kills by seed, and what they leave.")
    parser.add_argument("--seeds", default="200", help="a number, or FROM:TO; default: 200")
    parser.add_argument("--only", choices=sorted(set(COMMANDS)), help="default: all in turn")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    first, colon, last = options.seeds.partition(":")
    seeds = range(int(first), int(last)) if colon else range(int(first))
    if options.prepare:
        prepare(Templates(options.prepare))
    elif options.worker:
        _work(Templates(options.worker), seeds, options.only)
    else:
        sys.exit(_supervise(seeds, options))


def _supervise(seeds: range, options: argparse.Namespace) -> int:
    """The exit code, after workers have tried `seeds` and a summary is printed."""
    this = [sys.executable, "-m", "tests.support.kills"]
    chosen = ["--only", options.only] if options.only else []
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        subprocess.run([*this, "--prepare", folder], cwd=ROOT, check=True)
        step = -(-len(seeds) // options.processes)
        parts = [seeds[at : at + step] for at in range(0, len(seeds), step)]
        workers = [
            subprocess.Popen(
                [*this, "--worker", folder, "--seeds", f"{part.start}:{part.stop}", *chosen],
                cwd=ROOT, stdout=subprocess.PIPE, text=True,
            )
            for part in parts
        ]  # fmt: skip
        lines = [line for worker in workers for line in worker.communicate()[0].splitlines()]
        codes = [worker.returncode for worker in workers]
    tried = [json.loads(line) for line in lines if line.startswith("{")]
    findings = [one for one in tried if one["finding"]]
    for one in findings:
        sys.stdout.write(f"{one['command']} {one['seed']}: {one['finding']}\n")
    outcomes = Counter(one["outcome"] for one in tried)
    sys.stdout.write(
        f"kills: {len(tried)} of {len(seeds)} seeds over {len({one['command'] for one in tried})} commands: "
        f"{', '.join(f'{count} {outcome}' for outcome, count in sorted(outcomes.items()))}; {len(findings)} findings\n"
    )
    return int(bool(findings) or any(codes) or len(tried) < len(seeds))


def prepare(templates: Templates) -> None:
    """Make the templates, in a process that is not forked later: Polars' threads do not live on in a child."""
    from pipeline.tracking.registry import promote  # noqa: PLC0415  # MLflow takes seconds

    for folder, seed in ((templates.new, 5), (templates.old, 6)):
        project(folder, visits(seed=seed))
        (folder / "log.csv").write_text((folder / "shop.csv").read_text("utf-8"), "utf-8")
        with contextlib.chdir(folder):
            for stage in STAGES:
                run_stage(_stage(stage), load_params(Path("params.yaml")))
    templates.store.mkdir()
    with contextlib.chdir(templates.new), _store_at(templates.store):
        track = templates.folder / "track"
        shutil.copytree(templates.new, track)
        with contextlib.chdir(track):
            run_stage(_stage("track"), load_params(Path("params.yaml")))
            promote(load_params(Path("params.yaml")), None)
    with _store_at(templates.folder), contextlib.chdir(templates.folder):
        from mlflow import MlflowClient  # noqa: PLC0415

        MlflowClient(f"sqlite:///{templates.folder}/empty.db").search_experiments()


def _stage(name: str) -> Callable[..., None]:
    run: Callable[..., None] = importlib.import_module(f"pipeline.stages.{name}").run
    return run


@contextlib.contextmanager
def _store_at(folder: Path) -> Iterator[None]:
    """Track into `folder`."""
    os.environ |= {"DVC_ROOT": str(folder), "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    yield


def _work(templates: Templates, seeds: range, only: str | None) -> None:
    for stage in (*STAGES, "track"):  # once, and not in each child
        _stage(stage)
    for seed in seeds:
        command = only or COMMANDS[seed % len(COMMANDS)]
        outcome, finding = try_one(templates, command, seed)
        line = {"seed": seed, "command": command, "outcome": outcome, "finding": finding}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def try_one(templates: Templates, command: str, seed: int) -> tuple[str, str | None]:
    """How the run ended that was killed by `seed`, and what is wrong with what it left; None when nothing is."""
    random = Random(f"{command} {seed}")
    usual = _usual(templates, command)
    at_operation = random.randrange(usual["operations"]) if seed % 2 == 0 else None
    after = None if seed % 2 == 0 else 0.8 * random.random() * usual["seconds"]
    with tempfile.TemporaryDirectory(prefix="kill-", dir=templates.folder) as name:
        folder = Path(name) / "project"
        _lay_out(templates, command, folder)
        before = _outputs(command, folder)
        code = _in_child(templates, command, folder, at_operation, after)
        if code not in (0, -signal.SIGKILL):
            return "failed", f"the run ended with {code}"
        left = _outputs(command, folder)
        if left not in (before, usual["outputs"]) and command != "track":
            return (
                "killed",
                f"neither all of the old nor all of the new: {differing(left, usual['outputs'])}",
            )
        again = _in_child(templates, command, folder)
        if again != 0:
            return "killed", f"the repeat ended with {again}"
        after_all = _everything(command, folder)
        if after_all != usual["everything"]:
            return "killed", f"other bytes after the repeat: {differing(after_all, usual['everything'])}"
    if code == 0:
        return "ended first", None
    return ("killed at an operation" if seed % 2 == 0 else "killed at a time"), None


_KNOWN: dict[str, dict[str, Any]] = {}


def _usual(templates: Templates, command: str) -> dict[str, Any]:
    """What a run of `command` that nobody kills does: its operations, seconds, outputs, and everything after it."""
    if command not in _KNOWN:
        with tempfile.TemporaryDirectory(prefix="whole-", dir=templates.folder) as name:
            folder, counted = Path(name) / "project", Path(name) / "operations"
            _lay_out(templates, command, folder)
            begun = time.monotonic()
            code = _in_child(templates, command, folder, counted=counted)
            if code != 0:
                raise RuntimeError(f"{command} ends with {code} by itself")
            _KNOWN[command] = {
                "seconds": time.monotonic() - begun,
                "operations": int(counted.read_text("utf-8")),
                "outputs": _outputs(command, folder),
                "everything": _everything(command, folder),
            }
    return _KNOWN[command]


def _lay_out(templates: Templates, command: str, folder: Path) -> None:
    """A project in which `command` changes what there is: its outputs are those of another log, or there are none."""
    shutil.copytree(templates.new, folder)
    if command in STAGES:
        for path in signature_of(_stage(command)).outputs.values():
            _replace(templates.old / path, folder / path)
    elif command == "track":
        shutil.copy(templates.folder / "empty.db", folder / "mlflow.db")
    elif command == "promote":
        shutil.copy(templates.store / "mlflow.db", folder / "mlflow.db")


def _replace(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink()
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.is_file():
        shutil.copy(source, target)


def _in_child(
    templates: Templates,
    command: str,
    folder: Path,
    at_operation: int | None = None,
    after: float | None = None,
    counted: Path | None = None,
) -> int:
    """The exit code of `command` in `folder`, in a child: killed before that operation, or after these seconds.

    `counted`: a file to which the number of operations is written.
    """
    child = os.fork()
    if child == 0:
        _be_child(templates, command, folder, at_operation, counted)
    deadline = time.monotonic() + (_LONGEST if after is None else after)
    while time.monotonic() < deadline:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _be_child(
    templates: Templates, command: str, folder: Path, at_operation: int | None, counted: Path | None
) -> None:
    """Run `command`, and never return."""
    count = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event in _CHANGES or (event == "open" and _writes(arguments)):
            if count == at_operation:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1

    code = 1
    try:
        os.chdir(folder)
        with (folder.parent / "said").open("w", encoding="utf-8") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        sys.addaudithook(hook)
        _run(templates, command, folder)
        if counted is not None:
            counted.write_text(str(count), "utf-8")
        code = 0
    except BaseException as error:  # the child has no other way to say it
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
    finally:
        os._exit(code)


def _writes(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 else 0
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _run(templates: Templates, command: str, folder: Path) -> None:
    params = load_params(Path("params.yaml"))
    if command == "lastlogin score":
        with _store_at(templates.store):
            score_log(params, "log.csv", "shop.yaml", None, Path(_LISTS), accept_change=True)
    elif command == "promote":
        from pipeline.tracking.registry import promote  # noqa: PLC0415  # MLflow takes seconds

        with _store_at(folder):
            promote(params, "1")
    else:
        with _store_at(folder):
            run_stage(_stage(command), params)


def _outputs(command: str, folder: Path) -> dict[str, str]:
    """The digests of what `command` writes, as a reader finds it: commits that are made are finished first."""
    if command in STAGES or command == "track":
        places = list(signature_of(_stage(command)).outputs.values())
    else:
        places = list((folder / _LISTS).glob("2*")) if command == "lastlogin score" else []
        places = [path.relative_to(folder) for path in places] + [Path(_LISTS) / "ledger"]
    for path in places:
        finish_commits(folder / path)
    return {name: digest for path in places for name, digest in digests_of(folder, path).items()}


def _everything(command: str, folder: Path) -> dict[str, str]:
    """The digests of all that is there when `command` has ended; of a store what it says."""
    places = [Path(name) for name in ("data", "reports", _LISTS)]
    found = {name: digest for path in places for name, digest in digests_of(folder, path).items()}
    found = {name: digest for name, digest in found.items() if "reports/mlflow.json" not in name}  # run ids
    found |= {
        str(path.relative_to(folder)): "left behind" for path in folder.rglob("*") if _LEFT.match(path.name)
    }
    if command in ("track", "promote"):
        found |= said_by_store(folder)
    return found


if __name__ == "__main__":
    main()
