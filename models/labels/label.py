"""The label of a login row: THE one module of the project that looks ahead in time.

The label window of a row of day d is the days (d + L, d + L + N], with lead L and the row's horizon N. The row churns:

- `inactivity`, `personal`: if its user has no login day in the window.
- `drop`: if its user has fewer login days in the window than a share of the user's usual number.
- `cancel`: if its user's subscription ends in the window.

The value model looks ahead, too: at the revenue of the next days, and at how long users stay.

Promise: nothing after `log_end` is used, and a window that ends after it has no label.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.arrays import Ints
from models.labels.churn import Churn, Drop
from models.labels.horizon import horizon_days, tenure_days
from models.labels.sequence import USER_STRIDE, day_number, day_numbers, sequence_keys

_NEVER = USER_STRIDE


def with_label(
    rows: pl.DataFrame,
    log_end: date,
    churn: Churn,
    ends: pl.DataFrame | None = None,
    visits: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`rows` with `churned: bool` (null when unripe), `ripe: bool`, `window_days: i32`, in the same order.

    `rows` holds every login of its users: `user_id`, `login_day`, one run per user, days in order.
    A row is ripe when its whole label window of L + N = `window_days` lies inside the log.
    `ends`: `user_id, day` of each end of a subscription, for the kind `cancel`. `visits`: `user_id, day` of each day on
    which a user really came, if lines arrive late; without it they came on the days of `rows`.
    Raises DataError when the rows are out of order.
    """
    horizon = horizon_days(rows, churn)
    window = churn.lead_days + horizon
    ripe = day_numbers(rows) + window <= day_number(log_end)
    if churn.kind == "drop":
        keys = sequence_keys(rows)
        usual = _usual(rows, churn.drop, horizon, np.arange(rows.height))
        came = keys if visits is None else _keys_of(visits, rows, keys)
        churned = _fewer_than(usual, came, keys + churn.lead_days, keys + window)
    elif churn.kind == "cancel":
        if ends is None:
            raise ValueError("the label of kind cancel is made from the ends of subscriptions")
        keys = sequence_keys(rows)
        churned = _days_to_next(keys, _keys_of(ends, rows, keys), churn.lead_days) <= window
    else:
        churned = _days_to_login_after(rows, log_end, churn.lead_days, visits) > window
    return rows.with_columns(
        churned=pl.when(pl.Series(ripe)).then(pl.Series(churned)),
        ripe=pl.Series(ripe, dtype=pl.Boolean),
        window_days=pl.Series(window, dtype=pl.Int32),
    )


def with_list_label(
    landmarks: pl.DataFrame,
    rows: pl.DataFrame,
    log_end: date,
    churn: Churn,
    ends: pl.DataFrame | None = None,
    visits: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`landmarks` with `churned: bool` (null when unripe) and `ripe: bool`, in the same order.

    The label of a list: what happens in the window that begins with the list's day, `as_of`. At `as_of` = `login_day`
    it is that of the login. `landmarks`: `user_id, login_day, as_of, window_days`, the last login of a user as of
    `as_of`; `rows`: every login of these users, as `with_label` has them. The window and, for the kind `drop`, the
    user's usual number of login days are those of the last login. `ends`, `visits`: as in `with_label`.
    """
    keys = sequence_keys(rows)
    numbered = rows.select("user_id", "login_day", position=pl.int_range(pl.len()))
    position = (
        landmarks.select("user_id", "login_day")
        .join(numbered, on=["user_id", "login_day"], how="left", maintain_order="left")["position"]
        .to_numpy()
    )
    silent_days = (
        landmarks.select((pl.col("as_of") - pl.col("login_day")).dt.total_days()).to_series().to_numpy()
    )
    window = landmarks["window_days"].cast(pl.Int64).to_numpy()
    ripe = day_numbers(landmarks) + silent_days + window <= day_number(log_end)
    begin = keys[position] + silent_days
    came = keys if visits is None else _keys_of(visits, rows, keys)
    if churn.kind == "drop":
        usual = _usual(rows, churn.drop, window - churn.lead_days, position)
        churned = _fewer_than(usual, came, begin + churn.lead_days, begin + window)
    elif churn.kind == "cancel":
        if ends is None:
            raise ValueError("the label of kind cancel is made from the ends of subscriptions")
        churned = _days_to_next(begin, _keys_of(ends, rows, keys), churn.lead_days) <= window
    else:
        churned = _days_to_next(begin, came, churn.lead_days) > window
    return landmarks.with_columns(
        churned=pl.when(pl.Series(ripe)).then(pl.Series(churned, dtype=pl.Boolean)),
        ripe=pl.Series(ripe, dtype=pl.Boolean),
    )


def revenue_ahead(landmarks: pl.DataFrame, days: pl.DataFrame, log_end: date, ahead_days: int) -> pl.Series:
    """`revenue_ahead: i64` of each of `landmarks` (`user_id, as_of`), in minor units, in their order.

    It is the revenue less refunds of the days (`as_of`, `as_of` + `ahead_days`], 0 at least; null when they reach
    beyond `log_end`. `days`: every user-day of their users, in order, with `revenue` and `refunds`.
    Raises DataError when the user-days are out of order.
    """
    net = (days["revenue"] - days["refunds"]).cast(pl.Int64)
    return total_ahead(landmarks, days, net, log_end, ahead_days).clip(lower_bound=0).alias("revenue_ahead")


def total_ahead(
    landmarks: pl.DataFrame, days: pl.DataFrame, amounts: pl.Series, log_end: date, ahead_days: int
) -> pl.Series:
    """The total i64 of `amounts` in the days (`as_of`, `as_of` + `ahead_days`] of each of `landmarks`, in their order.

    `landmarks`: `user_id, as_of`; null when the days reach beyond `log_end`. `days`: every user-day of their users, in
    order; `amounts`: whole numbers, one for each. Raises DataError when the user-days are out of order.
    """
    keys = sequence_keys(days.select("user_id", login_day="day"))
    so_far = np.concatenate([[0], np.cumsum(amounts.cast(pl.Int64).to_numpy())])
    codes = days.select("user_id", code=pl.Series(keys // USER_STRIDE)).unique("user_id")
    of_user = landmarks.select("user_id").join(codes, on="user_id", how="left", maintain_order="left")["code"]
    begin = (of_user * USER_STRIDE + landmarks["as_of"].to_physical().cast(pl.Int64)).to_numpy()
    end = begin + ahead_days
    ahead = (
        so_far[np.searchsorted(keys, end, side="right")] - so_far[np.searchsorted(keys, begin, side="right")]
    )
    ripe = landmarks["as_of"].to_physical().cast(pl.Int64) + ahead_days <= day_number(log_end)
    total = pl.Series("total_ahead", ahead, dtype=pl.Int64)
    return pl.select(pl.when(ripe).then(total).alias("total_ahead")).to_series()


def days_here(landmarks: pl.DataFrame, rows: pl.DataFrame, known_to: date) -> pl.DataFrame:
    """`days_here: i64` and `gone: bool` of each of `landmarks` (`user_id, as_of, window_days`), in their order.

    `days_here` runs from `as_of` to the user's last login up to `known_to`. The user is `gone` when a whole label
    window has passed since. Of others it is known only that they were here for so long. `rows`: the login rows.
    """
    last = (
        rows.filter(pl.col("login_day") <= known_to).group_by("user_id").agg(last=pl.col("login_day").max())
    )
    joined = landmarks.select("user_id", "as_of", "window_days").join(
        last, on="user_id", how="left", maintain_order="left"
    )
    silent = (pl.lit(known_to) - pl.col("last")).dt.total_days()
    return joined.select(
        days_here=(pl.col("last") - pl.col("as_of")).dt.total_days().clip(lower_bound=0),
        gone=silent >= pl.col("window_days"),
    )


def return_days(rows: pl.DataFrame, log_end: date) -> pl.Series:
    """Days from each row to its user's next login day inside the log, i32; null when there is none.

    Raises DataError when the rows are out of order.
    """
    days = _days_to_login_after(rows, log_end, 0)
    series = pl.Series("return_days", days, dtype=pl.Int64)
    return pl.select(pl.when(series < _NEVER).then(series).cast(pl.Int32).alias("return_days")).to_series()


def _days_to_login_after(
    rows: pl.DataFrame, log_end: date, lead_days: int, visits: pl.DataFrame | None = None
) -> Ints:
    """Days from d to the user's first login day after d + `lead_days`; `_NEVER` when the log has none."""
    keys = sequence_keys(rows)
    days = _days_to_next(keys, keys if visits is None else _keys_of(visits, rows, keys), lead_days)
    inside = day_numbers(rows) + days <= day_number(log_end)
    return np.where(inside, days, _NEVER)


def _keys_of(days: pl.DataFrame, rows: pl.DataFrame, keys: Ints) -> Ints:
    """The keys of `days` (`user_id, day`), sorted, in the numbering of the users of `rows`."""
    codes = rows.select("user_id", key=pl.Series(keys // USER_STRIDE)).unique("user_id")
    known = days.join(codes, on="user_id", how="inner")
    day = known["day"].to_physical().cast(pl.Int64).to_numpy()
    return np.sort(known["key"].to_numpy() * USER_STRIDE + day)


def _days_to_next(keys: Ints, targets: Ints, lead_days: int) -> Ints:
    """Days from each of `keys` to the same user's next one of the sorted `targets`, more than `lead_days` later."""
    ahead = np.append(targets, 0)[np.searchsorted(targets, keys + lead_days, side="right")]
    return np.where(ahead // USER_STRIDE == keys // USER_STRIDE, ahead - keys, _NEVER)


@dataclass(frozen=True, slots=True)
class _Usual:
    """A user's usual number of login days: `visits` in `exposure` days. Fewer than `share` of it is a fall."""

    visits: Ints
    exposure: Ints
    horizon: Ints
    share: Fraction


def _usual(rows: pl.DataFrame, drop: Drop, horizon: Ints, position: Ints) -> _Usual:
    """The usual number at the rows at `position`, whose horizons are `horizon`.

    Login days in the `usual_days` that end with d, per day of exposure, times N. Exposure: the days since the user's
    first login, at least N (a first login then counts as one expected visit) and at most `usual_days`.
    """
    keys = sequence_keys(rows)
    visits = np.arange(1, len(keys) + 1) - np.searchsorted(keys, keys - drop.usual_days, side="right")
    exposure = np.clip(tenure_days(rows)[position] + 1, horizon, drop.usual_days)
    share = Fraction(str(drop.share)).limit_denominator(10_000)
    return _Usual(visits[position], exposure, horizon, share)


def _fewer_than(usual: _Usual, keys: Ints, begin: Ints, end: Ints) -> NDArray[np.bool_]:
    """Whether the login days after `begin` up to `end` are fewer than `share` of the usual number.

    Whole numbers are compared, so no rounding decides a tie.
    """
    visits = np.searchsorted(keys, end, side="right") - np.searchsorted(keys, begin, side="right")
    share = usual.share
    fewer: NDArray[np.bool_] = (
        visits * usual.exposure * share.denominator < share.numerator * usual.visits * usual.horizon
    )
    return fewer
