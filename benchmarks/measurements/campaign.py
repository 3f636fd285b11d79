"""Campaigns on simulated logs whose truth is known: does judge find the true effect, and does the choice save more?

One model is trained on a demo log. Then each seed has a log of its own, from the same law: the champion scores it with
`lastlogin score`, half of the chosen are held out, `lastlogin simulate-campaign` lives on with and without effects of
contacts, and `lastlogin judge` evaluates the list in both worlds. With a `workdir` the seeds that are done stay there,
and another run goes on from them.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.support.entries import Entry
from benchmarks.support.processes import cost_of, python, stage
from benchmarks.support.projects import ROOT, environment, lay_out

USERS = 4_000
SEEDS = tuple(range(1, 21))
HOLDOUT_SHARE = 0.5
_STAGES = (
    "simulate", "rates", "external", "ingest", "activity", "logins", "landmarks", "listed", "define", "readiness",
    "train", "evaluate", "profile", "health", "score", "business", "report", "drift", "model_card", "track",
)  # fmt: skip
_LEAST_COVERED, _MOST_FALSE, _LEAST_ABOVE = 17, 2, 18
"""The aims, of 20 seeds."""


def on_campaigns(workdir: Path | None, users: int | None) -> list[Entry]:
    """The number of seeds in which each aim is met, beside the aim; and the means over the seeds."""
    folder = Path(tempfile.mkdtemp(prefix="lastlogin-bench-")) if workdir is None else workdir / "campaign"
    try:
        seeds = _of_all_seeds(folder, users or USERS)
    finally:
        if workdir is None:
            shutil.rmtree(folder, ignore_errors=True)
    return entries_of(seeds)


def _of_all_seeds(folder: Path, users: int) -> list[dict[str, Any]]:
    log, variables = folder / "bench.log", {**environment(folder), "PYTHONPATH": str(ROOT)}
    ready = folder / "trained"
    if not ready.is_file():
        changes: dict[str, dict[str, Any]] = {
            "simulate": {"users": users},
            "holdout": {"share": HOLDOUT_SHARE},
        }
        lay_out(folder, changes)
        for made in _STAGES:
            sys.stderr.write(f"bench: campaign: {made}\n")
            cost_of(stage(made), folder, log, variables)
        ready.touch()
    (folder / "seeds").mkdir(exist_ok=True)
    done = []
    for seed in SEEDS:
        file = folder / "seeds" / f"{seed}.json"
        if not file.is_file():
            cost_of(
                python("-m", "benchmarks.tasks.campaign_of_seed", str(seed), file), folder, log, variables
            )
        one = json.loads(file.read_text("utf-8"))
        sys.stderr.write(f"bench: campaign: {in_words(one)}\n")
        done.append(one)
    return done


def in_words(one: dict[str, Any]) -> str:
    """A line on one seed."""
    world, null, saved = one["world"], one["null_world"]["effect"], one["saved"]
    found = world["effect"]
    return (
        f"seed {one['seed']}: {one['episodes']} episodes, {one['held_out']} held out; true effect "
        f"{100 * world['truth']:.1f} points, found {100 * found['value']:.1f} ({100 * found['low']:.1f} to "
        f"{100 * found['high']:.1f}); null world {100 * null['value']:.1f} ({100 * null['low']:.1f} to "
        f"{100 * null['high']:.1f}); saved {saved['choice']:.1f}, by risk {saved['risk']:.1f}, random "
        f"{saved['random']:.1f}"
    )


def entries_of(seeds: Sequence[dict[str, Any]]) -> list[Entry]:
    """The entries from what `benchmarks.tasks.campaign_of_seed` wrote of each seed."""
    episodes = sum(one["episodes"] for one in seeds)
    number = f"of {len(seeds)}"

    def counted(name: str, holds: Callable[[dict[str, Any]], bool], aim: str, least: int) -> Entry:
        return Entry(f"campaign: {name}", number, sum(map(holds, seeds)), {aim: least}, None, episodes)

    def means(
        name: str, unit: str, ours: Callable[[dict[str, Any]], float], **peers: Callable[..., float]
    ) -> Entry:
        beside = {peer: mean(map(of, seeds)) for peer, of in peers.items()}
        return Entry(f"campaign: {name}", unit, mean(map(ours, seeds)), beside, None, episodes)

    return [
        counted("seeds whose interval holds the true effect", _covers, "at least", _LEAST_COVERED),
        counted("seeds whose interval excludes 0 without effects", _false_alarm, "at most", _MOST_FALSE),
        counted("seeds in which the choice saves more than at random", _above("random"), "at least", _LEAST_ABOVE),
        counted("seeds in which the choice saves more than by risk alone", _above("risk"), "at least", _LEAST_ABOVE),
        means(
            "effect on churn that judge finds", "points",
            lambda one: 100 * one["world"]["effect"]["value"],
            truth=lambda one: 100 * one["world"]["truth"],
        ),
        means(
            "true expected value saved by a list", "EUR", lambda one: one["saved"]["choice"],
            random=lambda one: one["saved"]["random"], highest_risk=lambda one: one["saved"]["risk"],
        ),
        means(
            "true expected users kept by a list", "users", lambda one: one["saved"]["kept"]["choice"],
            random=lambda one: one["saved"]["kept"]["random"],
            highest_risk=lambda one: one["saved"]["kept"]["risk"],
        ),
    ]  # fmt: skip


def _covers(one: dict[str, Any]) -> bool:
    found = one["world"]["effect"]
    return bool(found["low"] <= one["world"]["truth"] <= found["high"])


def _false_alarm(one: dict[str, Any]) -> bool:
    found = one["null_world"]["effect"]
    return bool(found["low"] > 0 or found["high"] < 0)


def _above(other: str) -> Callable[[dict[str, Any]], bool]:
    return lambda one: bool(one["saved"]["choice"] > one["saved"][other])
