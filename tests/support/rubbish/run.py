"""`make fuzz`: trials of many seeds in processes of their own, so that one which dies or hangs is a finding.

`python -m tests.support.rubbish.run --seeds 1000 --kind log`; seeds may be a number, or `FROM:TO`.
"""

import argparse
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.rubbish.trial import KINDS, Kind, try_one

_SECONDS = 20
"""A trial that takes longer hangs: it has some dozen lines."""


def main(arguments: list[str] | None = None) -> None:
    """Print each finding with its kind and seed; exit code 1 when there is any."""
    parser = argparse.ArgumentParser(
        prog="make fuzz", description="Rubbish as input: findings by kind and seed."
    )
    parser.add_argument("--kind", choices=KINDS, action="append", help="default: all")
    parser.add_argument("--seeds", default="300", help="a number, or FROM:TO; default: 300")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    seeds, kinds = _seeds(options.seeds), options.kind or KINDS
    if options.worker:
        _work(kinds[0], seeds)
        return
    findings = 0
    for kind in kinds:
        found = sorted(_findings(kind, seeds, options.processes))
        for seed, finding in found:
            sys.stdout.write(f"{kind} {seed}: {finding}\n")
        sys.stdout.write(f"fuzz: {kind}: {len(seeds):,} seeds, {len(found)} findings\n")
        sys.stdout.flush()
        findings += len(found)
    sys.exit(1 if findings else 0)


def _seeds(text: str) -> range:
    first, colon, last = text.partition(":")
    return range(int(first), int(last)) if colon else range(int(text))


def _work(kind: Kind, seeds: range) -> None:
    """Try `seeds` one by one; a line before each names it, and one after it says what was found."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            sys.stdout.write(f"{seed}\n")
            sys.stdout.flush()
            finding = try_one(kind, seed, Path(folder) / "trial")
            if finding is not None:
                one_line = finding.replace("\n", " ")
                sys.stdout.write(f"{seed} {one_line}\n")
        sys.stdout.write("done\n")


def _findings(kind: Kind, seeds: range, processes: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    share = -(-len(seeds) // processes)
    threads = [
        threading.Thread(target=lambda part=part: found.extend(_watched(kind, part)))
        for part in (seeds[at : at + share] for at in range(0, len(seeds), share))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _watched(kind: Kind, seeds: range) -> Iterator[tuple[int, str]]:
    """The findings of a worker. After a seed that kills it or hangs, another worker goes on with the next."""
    while seeds:
        command = [sys.executable, "-m", "tests.support.rubbish.run", "--worker", "--kind", kind]
        worker = subprocess.Popen(
            [*command, "--seeds", f"{seeds.start}:{seeds.stop}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            env={**os.environ, "POLARS_MAX_THREADS": "1"},
        )
        said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_listen, args=(worker, said), daemon=True).start()
        at = seeds.start
        while True:
            try:
                line = said.get(timeout=_SECONDS)
            except queue.Empty:
                worker.kill()
                yield at, f"no answer for {_SECONDS} s"
                break
            if line == "done\n":
                return
            if not line:
                yield at, f"the process ended with {worker.wait()}"
                break
            number, _, finding = line.strip().partition(" ")
            at = int(number)
            if finding:
                yield at, finding
        seeds = range(at + 1, seeds.stop)


def _listen(worker: "subprocess.Popen[str]", said: "queue.Queue[str]") -> None:
    if worker.stdout is not None:
        for line in worker.stdout:
            said.put(line)
    said.put("")


if __name__ == "__main__":
    main()
