"""Anomalies of a log: days, users and clocks out of line. A check warns, and changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.checks.check import Check, Verdict

_WEEKS_AROUND = 4
_LEAST_SPREAD = 0.05  # of the logarithm: even a very steady service may vary by 5 %
_LEAST_USER_SPREAD = 0.5  # where most users have 1 event a day, 3 are no anomaly
_NORMAL = 1.4826  # standard deviation of a normal distribution with median absolute deviation 1
_SHOWN = 10
_FAULTS = {
    "other_epoch_unit": "lines whose time counts another unit than time.format, read by their magnitude",
    "impossible_offset": "lines with an offset of more than 14 hours, left out",
    "skipped_by_the_clock": "lines with a local time that does not exist, because summer time skips it",
    "shown_twice": "lines with a local time that exists twice, because summer time ends",
    "ahead_of_neighbours": "lines more than a day ahead of the lines around them",
    "in_1970": "events of 1970-01-01, from a clock that was never set",
    "before_start": "events before the log begins",
    "after_end": "events after the log's last complete day",
}
_HARMLESS = ("shown_twice",)  # an hour each autumn, in every log of local times


def check_outages(
    daily: pl.DataFrame, most_spreads: float, outages: Sequence[tuple[date, date]] = ()
) -> Check:
    """Days whose volume is out of line with the same weekday of the four weeks before and after.

    `outages`: first and last day of each one that the contract names; the check does not speak of them.

    `daily`: `day, events`, every day of the log once, in order. log(1 + events) is compared with its median
    on those weekdays. The spread is the median absolute deviation of all days, at least that of a Poisson count.
    A day more than `most_spreads` spreads away is out of line.
    """
    distance, spread = _from_usual(daily["events"].to_numpy().astype(np.float64))
    known = [pl.col("day").is_between(since, until) for since, until in outages]
    compared = daily.with_columns(
        times=pl.Series(np.exp(distance)), off=pl.Series(np.abs(distance) > most_spreads * spread)
    ).with_columns(off=pl.col("off") & ~pl.any_horizontal(pl.lit(value=False), *known))
    anomalous = [
        {"day": day.isoformat(), "events": events, "times_usual": round(times, 3)}
        for day, events, times in compared.filter("off").select("day", "events", "times").iter_rows()
    ]
    figures = {"days": daily.height, "out_of_line": anomalous, "warn_beyond_spreads": most_spreads}
    if not anomalous:
        return Check("outages", "pass", figures, "The volume of every day is normal for its weekday.")
    named = ", ".join(f"{entry['day']} ({entry['times_usual']:.2g} times)" for entry in anomalous[:_SHOWN])
    more = f" and {len(anomalous) - _SHOWN} more" if len(anomalous) > _SHOWN else ""
    return Check(
        "outages", "warn", figures,
        f"{len(anomalous)} of {daily.height:,} days have an unusual volume for their weekday: {named}{more}.",
        "Find out what happened. Lost events make users look silent: add them, name the days under outages in the "
        "contract, or start the log later.",
    )  # fmt: skip


def check_bots(users: pl.DataFrame, most_spreads: float) -> Check:
    """Users with many more events per active day than others.

    `users`: `user_id, events, days`. The bound is the median of log(events per day) plus `most_spreads` robust
    standard deviations (from the median absolute deviation, at least 0.5).
    """
    above, centre, bound = _bots(users, most_spreads)
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
        says = f"No user has more than {bound:,.1f} events per active day; {np.exp(centre):,.1f} are usual."
        return Check("bots", "pass", figures, says)
    return Check(
        "bots", "warn", figures,
        f"Users with more than {bound:,.1f} events per active day, where {np.exp(centre):,.1f} are usual: "
        f"{above.height:,}; {share:.1%} of all events come from them.",
        "Look at the first of them (first_ids in readiness.json). Take machines and test accounts out of the log.",
    )  # fmt: skip


def bots(users: pl.DataFrame, most_spreads: float) -> pl.Series:
    """The ids of the users above the bound of `check_bots`, for the same `users`."""
    return _bots(users, most_spreads)[0]["user_id"]


def _bots(users: pl.DataFrame, most_spreads: float) -> tuple[pl.DataFrame, float, float]:
    """The users above the bound, the median of log(events per day), and the bound in events per day."""
    rate = np.log(users["events"].to_numpy() / users["days"].to_numpy())
    centre = float(np.median(rate)) if rate.size else 0.0
    spread = max(_NORMAL * float(np.median(np.abs(rate - centre))) if rate.size else 0.0, _LEAST_USER_SPREAD)
    bound = float(np.exp(centre + most_spreads * spread))
    return users.filter(pl.Series(rate > np.log(bound), dtype=pl.Boolean)), centre, bound


def check_clock(faults: Mapping[str, int], lines: int) -> Check:
    """Clock faults by name, as ingest counted them under `clock`, of `lines` lines."""
    counts = [f"{text}: {faults[fault]:,}" for fault, text in _FAULTS.items() if faults.get(fault, 0)]
    verdict: Verdict = (
        "warn" if any(faults.get(name, 0) for name in _FAULTS if name not in _HARMLESS) else "pass"
    )
    says = f"{'; '.join(counts)}.".capitalize() if counts else "No line has an impossible time."
    advice = (
        "All but the lines ahead of others are left out or corrected; if there are many, check time.timezone and "
        "time.format in the contract, or the clock that writes them."
    )
    return Check("clock", verdict, {"lines": lines, **faults}, says, advice if verdict == "warn" else "")


def _from_usual(events: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(days,) each: log(1 + events) minus its usual value on the weekday, and the allowed spread.

    The usual value is the median over the neighbouring weeks. If the weekday mostly has events, days without events
    are left out.
    """
    logs = np.log1p(events)
    shifts = [7 * week for week in range(-_WEEKS_AROUND, _WEEKS_AROUND + 1) if week]
    neighbours = np.full((len(shifts), len(logs)), np.nan)
    for row, shift in enumerate(shifts):
        if abs(shift) < len(logs):
            days = slice(max(0, -shift), len(logs) - max(0, shift))
            shifted = slice(max(0, shift), len(logs) - max(0, -shift))
            neighbours[row, days] = logs[shifted]
    known = ~np.isnan(neighbours).all(axis=0)
    mostly = (neighbours > 0).sum(axis=0) >= (neighbours == 0).sum(axis=0)
    neighbours[(neighbours == 0) & mostly] = np.nan
    usual = logs.copy()
    usual[known] = np.nanmedian(neighbours[:, known], axis=0)
    distance = logs - usual
    steady = _NORMAL * float(np.median(np.abs(distance[known]))) if known.any() else 0.0
    counting = 1 / np.sqrt(np.exp(usual))
    return distance, np.maximum(np.maximum(steady, _LEAST_SPREAD), counting)
