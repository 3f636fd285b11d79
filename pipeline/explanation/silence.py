"""The silence of a listed user in words, and its share of what raises the number."""

import numpy as np
import polars as pl

from features.advice.causes import RHYTHM_FROM
from features.define import LIST_DIMENSIONS
from features.wording.numbers import long_time

_DAILY, _NEARLY_TWO = 1.25, 1.75
_QUARTER, _ONLY_WHOLE = 0.25, 10.0


def silence_columns(explained: pl.DataFrame, gap_days: pl.Series | None) -> pl.DataFrame:
    """`silence_text` and `silence_share` of each listed user; null on the day of a login.

    `explained`: with `silent_days`, `login_number` and `points_DIMENSION`. `gap_days`: the user's mean time between
    logins; None or null: not known. The share, 0 to 1, is that of the silence among all dimensions that raise the
    number.
    """
    raising = [pl.col(f"points_{name}").clip(lower_bound=0) for name in LIST_DIMENSIONS]
    of_all = pl.sum_horizontal(raising)
    share = pl.when(of_all > 0).then(pl.col("points_silence").clip(lower_bound=0) / of_all)
    gaps = [None] * explained.height if gap_days is None else gap_days.to_list()
    users = zip(explained["silent_days"], gaps, explained["login_number"], strict=True)
    texts = [in_words(days, gap, logins) for days, gap, logins in users]
    return explained.select(
        pl.Series("silence_text", texts, dtype=pl.String),
        pl.when(pl.col("silent_days") > 0).then(share).round(4).alias("silence_share"),
    )


def in_words(silent_days: int, gap_days: float | None, logins: int) -> str | None:
    """The silence as a sentence; None on the day of a login.

    `gap_days`: the mean time between the user's `logins`; it is usual from `RHYTHM_FROM` of them on.

    >>> in_words(8, 1.4, 5), in_words(1, None, 1), in_words(0, 1.4, 5)
    ('has not come for 8 days, usually comes every day or two', 'has not come for 1 day', None)
    >>> in_words(2, 96.0, 5)
    'last came 2 days ago, usually comes every 3 months'
    """
    if not silent_days:
        return None
    unit = "day" if silent_days == 1 else "days"
    has_usual = gap_days is not None and not np.isnan(gap_days) and logins >= RHYTHM_FROM
    if not has_usual or gap_days is None:
        return f"has not come for {silent_days} {unit}"
    is_soon = silent_days < np.floor(gap_days)  # nobody has missed a visit yet
    since = f"last came {silent_days} {unit} ago" if is_soon else f"has not come for {silent_days} {unit}"
    return f"{since}, usually comes every {_every(gap_days)}"


def _every(days: float) -> str:
    """ "day or two", "5 days", "2 to 3 days": the time from visit to visit as a person says it."""
    whole, part = divmod(days, 1.0)
    if days < _DAILY:
        return "day"
    if days < _NEARLY_TWO:
        return "day or two"
    if days >= _ONLY_WHOLE or not _QUARTER <= part <= 1 - _QUARTER:
        return long_time(days)
    return f"{whole:.0f} to {whole + 1:.0f} days"
