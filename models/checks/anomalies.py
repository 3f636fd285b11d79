"""What is out of line in a log: days, users and clocks. Warns, and leaves everything in place."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.checks.check import Check, Verdict

_WEEKS_AROUND = 4
_LEAST_SPREAD = 0.05  # of the logarithm: a service steadier than 5 % is still allowed that much
_LEAST_USER_SPREAD = 0.5  # so where most have 1 event a day, 3 are not odd
_NORMAL = 1.4826  # a median absolute deviation of so much less than 1 is a standard deviation of 1
_SHOWN = 10
_FAULTS = {
    "impossible_offset": "lines with an offset beyond 14 hours, set aside",
    "skipped_by_the_clock": "lines with a local time that summer time skips",
    "shown_twice": "lines with a local time that summer time has twice",
    "ahead_of_neighbours": "lines more than a day ahead of the lines around them",
    "in_1970": "events of 1970-01-01, from a clock never set",
    "before_start": "events before the log begins",
    "after_end": "events in the future, after the log's last day",
}
_HARMLESS = ("shown_twice",)  # an hour each autumn, in every log of local times


def check_outages(daily: pl.DataFrame, most_spreads: float) -> Check:
    """Days whose volume is out of line with the same weekday of the four weeks before and after.

    `daily`: `day, events`, every day of the log once, in order. Compared is log(1 + events) with its median
    on those weekdays; the spread is the median absolute deviation of all days, no less than that of a
    Poisson count. A day `most_spreads` of them away is out of line.
    """
    distance, spread = _from_usual(daily["events"].to_numpy().astype(np.float64))
    compared = daily.with_columns(
        times=pl.Series(np.exp(distance)), off=pl.Series(np.abs(distance) > most_spreads * spread)
    )
    off = [
        {"day": day.isoformat(), "events": events, "times_usual": round(times, 3)}
        for day, events, times in compared.filter("off").select("day", "events", "times").iter_rows()
    ]
    figures = {"days": daily.height, "out_of_line": off, "warn_beyond_spreads": most_spreads}
    if not off:
        return Check("outages", "pass", figures, "Every day's volume is in line with its weekday.")
    named = ", ".join(f"{found['day']} ({found['times_usual']:.2g} times)" for found in off[:_SHOWN])
    more = f" and {len(off) - _SHOWN} more" if len(off) > _SHOWN else ""
    return Check(
        "outages", "warn", figures,
        f"{len(off)} of {daily.height:,} days have a volume out of line with their weekday: {named}{more}.",
        "Ask what happened. A day whose events were lost makes users look silent: fill it in, or begin after it.",
    )  # fmt: skip


def check_bots(users: pl.DataFrame, most_spreads: float) -> Check:
    """Users with many more events per active day than others.

    `users`: `user_id, events, days`. The bound is the median of log(events per day) and `most_spreads` robust
    standard deviations (median absolute deviation, at least 0.5) more.
    """
    rate = np.log(users["events"].to_numpy() / users["days"].to_numpy())
    centre = float(np.median(rate)) if rate.size else 0.0
    spread = max(_NORMAL * float(np.median(np.abs(rate - centre))) if rate.size else 0.0, _LEAST_USER_SPREAD)
    bound = float(np.exp(centre + most_spreads * spread))
    above = users.filter(pl.Series(rate > np.log(bound), dtype=pl.Boolean))
    ranked = above.sort(pl.col("events") / pl.col("days"), "user_id", descending=[True, False])
    total = int(users["events"].sum())
    share = int(above["events"].sum()) / total if total else 0.0
    figures = {
        "users": users.height,
        "usual_events_per_day": round(float(np.exp(centre)), 3),
        "warn_above_events_per_day": round(bound, 3),
        "above": above.height,
        "share_of_events": round(share, 6),
        "first_ids": ranked["user_id"].head(_SHOWN).to_list(),
    }
    if above.is_empty():
        says = f"No user has more than {bound:,.1f} events per active day; usual are {np.exp(centre):,.1f}."
        return Check("bots", "pass", figures, says)
    return Check(
        "bots", "warn", figures,
        f"Users with more than {bound:,.1f} events per active day, where {np.exp(centre):,.1f} are usual: "
        f"{above.height:,}; {share:.1%} of all events come from them.",
        "Look at the first of them (first_ids in readiness.json). Take machines and test accounts out of the log.",
    )  # fmt: skip


def check_clock(faults: Mapping[str, int], lines: int) -> Check:
    """What ingest counted under `clock`, of `lines` lines."""
    counts = [f"{text}: {faults[fault]:,}" for fault, text in _FAULTS.items() if faults.get(fault, 0)]
    verdict: Verdict = (
        "warn" if any(faults.get(name, 0) for name in _FAULTS if name not in _HARMLESS) else "pass"
    )
    says = (
        f"{'; '.join(counts)}.".capitalize()
        if counts
        else "No line has a time that a right clock does not show."
    )
    advice = (
        "All but the lines ahead of others are left out or set right; if they are many, correct time.timezone and "
        "time.format in the contract, or the clock that writes them."
    )
    return Check("clock", verdict, {"lines": lines, **faults}, says, advice if verdict == "warn" else "")


def _from_usual(events: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each day's logarithm less what is usual on its weekday around it, and the spread that is allowed.

    Usual is the median; of a weekday that mostly has events, without the days that had none.
    """
    logs = np.log1p(events)
    shifts = [7 * week for week in range(-_WEEKS_AROUND, _WEEKS_AROUND + 1) if week]
    around = np.full((len(shifts), len(logs)), np.nan)
    for place, shift in enumerate(shifts):
        if abs(shift) < len(logs):
            here = slice(max(0, -shift), len(logs) - max(0, shift))
            there = slice(max(0, shift), len(logs) - max(0, -shift))
            around[place, here] = logs[there]
    known = ~np.isnan(around).all(axis=0)
    mostly = (around > 0).sum(axis=0) >= (around == 0).sum(axis=0)
    around[(around == 0) & mostly] = np.nan
    usual = logs.copy()
    usual[known] = np.nanmedian(around[:, known], axis=0)
    distance = logs - usual
    steady = _NORMAL * float(np.median(np.abs(distance[known]))) if known.any() else 0.0
    counting = 1 / np.sqrt(np.exp(usual))
    return distance, np.maximum(np.maximum(steady, _LEAST_SPREAD), counting)
