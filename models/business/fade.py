"""The fade curve: how the use of the lost fell in the weeks before their last login, beside those who stayed.

A user who stayed is compared at a login day at which they had been a user for as long: the last one within each band of
tenure that another login follows. The bands have the weights that they have among the lost, so that newcomers are
compared with newcomers.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.arrays import Flags, Floats, Ints
from models.business.customers import Logins
from models.business.groups import GROUPS, Draws
from models.labels.sequence import USER_STRIDE

WEEKS = 12
BANDS = 10
FADE = pl.Schema(
    {
        "weeks_before": pl.Int64(),
        "who": pl.String(),
        "login_days_per_week": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "users": pl.Int64(),
    }
)
LOST, STAYED = "lost", "stayed"
_WEEK = 7


@dataclass(frozen=True, slots=True)
class FadeSums:
    """Login days and weeks observed, i64 (2, BANDS, WEEKS, GROUPS): of the lost, and of those who stayed."""

    visits: Ints
    weeks: Ints

    def __add__(self, other: "FadeSums") -> "FadeSums":
        return FadeSums(self.visits + other.visits, self.weeks + other.weeks)


def fade_sums(logins: Logins, group: Ints, lost: Flags) -> FadeSums:
    """The sums of the users of a bucket. `lost`: (users,) whether a user was lost for good; `group`: (users,)."""
    shape = (2, BANDS, WEEKS, GROUPS)
    if not len(logins.day):
        return FadeSums(np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64))
    keys = logins.user * USER_STRIDE + logins.day
    first_row = np.searchsorted(logins.user, logins.user)
    tenure = logins.day - logins.day[first_row]
    band = np.minimum(np.log2(tenure // _WEEK + 1).astype(np.int64), BANDS - 1)
    last_of_user = np.append(logins.user[1:] != logins.user[:-1], True)
    # Of those who stayed, logins that another one follows: the last such in each band of tenure.
    last_of_band = np.append((band[1:] != band[:-1]) | last_of_user[1:], True) & ~last_of_user
    gone = lost[logins.user]
    row = np.flatnonzero(np.where(gone, last_of_user, last_of_band))
    user, day = logins.user[row], logins.day[row]
    stayed = (~gone[row]).astype(np.int64)
    visits, weeks = (np.zeros(shape, dtype=np.int64) for _ in range(2))
    until = np.searchsorted(keys, keys[row], side="right")
    for week in range(WEEKS):
        begin = day - _WEEK * (week + 1)
        before = np.searchsorted(keys, user * USER_STRIDE + begin, side="right")
        lived = begin >= logins.day[first_row[row]] - 1
        cell = np.ravel_multi_index((stayed, band[row], group[user]), (2, BANDS, GROUPS))[lived]
        for sums, counts in ((visits, (until - before)[lived]), (weeks, np.ones(len(cell)))):
            sums[:, :, week] = np.bincount(cell, counts, 2 * BANDS * GROUPS).reshape(2, BANDS, GROUPS)
        until = before
    return FadeSums(visits, weeks)


def fade_curve(sums: FadeSums, draws: Draws) -> pl.DataFrame:
    """`FADE`: mean login days in each week before the last login, with 95 % intervals by resampled users.

    A user counts for a week if it lies wholly after the first login. Null where nobody does.
    """
    ones = np.ones((1, GROUPS))
    values = _means(sums, ones)[:, 0]
    resampled = _means(sums, draws.times.astype(np.float64))
    users = sums.weeks.sum(axis=(1, 3))
    rows = []
    for turn, who in enumerate((LOST, STAYED)):
        for week in range(WEEKS):
            value, known = values[turn, week], resampled[turn, :, week]
            known = known[np.isfinite(known)]
            low, high = np.quantile(known, (0.025, 0.975)) if len(known) else (np.nan, np.nan)
            rows.append((week + 1, who, value, low, high, int(users[turn, week])))
    table = pl.DataFrame(rows, schema=FADE, orient="row")
    return table.with_columns(pl.col("login_days_per_week", "low", "high").fill_nan(None))


def _means(sums: FadeSums, times: Floats) -> Floats:
    """(2, resamplings, WEEKS): the mean of each week; of those who stayed with the weights of the lost by band."""
    visits, weeks = (
        np.einsum("abwg,rg->abrw", part.astype(np.float64), times) for part in (sums.visits, sums.weeks)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        lost = visits[0].sum(axis=0) / weeks[0].sum(axis=0)
        weight = np.where(weeks[1] > 0, weeks[0], 0.0)
        of_band = np.where(weeks[1] > 0, visits[1] / weeks[1], 0.0)
        stayed = (weight * of_band).sum(axis=0) / weight.sum(axis=0)
    return np.stack([lost, stayed])
