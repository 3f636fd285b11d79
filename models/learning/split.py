"""Training, validation and test periods, in order of time and purged.

Promise: at least one whole label window lies between a training period and its validation or test period. So no
label of the training period depends on the later one. There is no random split.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import polars as pl

from models.errors import DataError

_PERSONAL = "Of label.kind = personal the longest window is label.personal.most_days."
_VALIDATION_PARTS = (2, 3, 4)  # validation gets a half, a third or a quarter of the days


@dataclass(frozen=True, slots=True)
class Period:
    """Login days from `first` to `last`, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Origin:
    """A point inside the training range: the training period before it, the validation period after it."""

    training: Period
    validation: Period


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """The test period, the training rows before it, and the origins inside the training range."""

    training: Period
    test: Period
    origins: tuple[Origin, ...]


def within(period: Period) -> pl.Expr:
    """Whether a row is ripe and its login day lies in `period`."""
    return pl.col("ripe") & pl.col("login_day").is_between(period.first, period.last)


def still_open(rows: pl.DataFrame) -> pl.Series:
    """Whether each row is not ripe because its label window reaches beyond the last window that is over."""
    over = pl.col("login_day") + pl.duration(days="window_days")
    last = rows.filter("ripe").select(over.max()).item()
    return rows.select(~pl.col("ripe") & (pl.lit(value=True) if last is None else over > last)).to_series()


def ripe_range(rows: pl.DataFrame) -> Period:
    """The login days on which every row is ripe: from the first to the last before any unripe row.

    If windows differ in length, only rows with short windows are ripe on later days: a biased sample. Rows without an
    outcome because of an outage lie between the others, and end nothing. Raises DataError when there is no such day.
    """
    begin = rows.filter(still_open(rows))["login_day"].min()
    ripe = rows.filter("ripe" if begin is None else pl.col("login_day") < begin)["login_day"]
    first, last = ripe.min(), ripe.max()
    if not isinstance(first, date) or not isinstance(last, date):
        raise DataError(
            f"login rows: {rows.height} rows, and no day on which all are ripe, so no model can be trained.\n"
            f"{_known_days(rows)} and from the first on label windows reach beyond the log's end.\n"
            f"Choose a shorter label.horizon_days or a longer log. {_PERSONAL}"
        )
    return Period(first, last)


def time_split(
    rows: pl.DataFrame,
    window_days: int,
    *,
    test_from: date | None,
    test_share: float,
    origins: int,
    min_rows: int,
) -> TimeSplit:
    """The periods of `rows` (`login_day`, `churned`, `ripe`) for label windows of at most `window_days`.

    The test period begins at `test_from`, or is the last `test_share` of the ripe days. Training rows
    are the ripe rows whose label window ends before it begins.

    Inner origins: of the training days, all but one label window can be shared between inner training
    and validation. The later half of them is for validation, in equal periods, the last ending with the
    training range; each is predicted by a model of the days one label window before it. There are as
    many periods, up to `origins`, as leave `min_rows` rows of each class in every training and
    every validation period: a short log has one wider period rather than three thin ones. Where half of the
    days leaves too little to train on, a third or a quarter is for validation; where that fails, nothing.

    Raises DataError when a period is empty or holds one class only.
    """
    ripe = ripe_range(rows)
    test = Period(test_from or test_begin(ripe, test_share), ripe.last)
    training = Period(ripe.first, test.first - timedelta(days=window_days + 1))
    for name, period in (("test", test), ("training", training)):
        _refuse_unusable(rows, name, period, ripe, test, window_days)

    def enough(period: Period) -> bool:
        return min(_classes(rows, period)) >= min_rows

    return TimeSplit(training, test, origins_within(training, window_days, origins, enough))


def test_begin(ripe: Period, test_share: float) -> date:
    """The first day of a test period that is the last `test_share` of the days of `ripe`."""
    span_days = (ripe.last - ripe.first).days
    return ripe.first + timedelta(days=math.floor(span_days * (1 - test_share)))


def origins_within(
    training: Period, window_days: int, most: int, enough: Callable[[Period], bool]
) -> tuple[Origin, ...]:
    """The inner origins of `training`, at most `most`, as `time_split` says.

    `enough`: whether a period has enough rows.
    """
    to_share = (training.last - training.first).days + 1 - window_days
    for part, count in product(_VALIDATION_PARTS, range(most, 0, -1)):
        length = to_share // part // count
        if length < 1:
            continue
        origins = tuple(_origin(training, window_days, length * back, length) for back in range(count, 0, -1))
        if all(enough(period) for origin in origins for period in (origin.training, origin.validation)):
            return origins
    return ()


def _origin(training: Period, window_days: int, back_days: int, length_days: int) -> Origin:
    begin = training.last - timedelta(days=back_days - 1)
    return Origin(
        Period(training.first, begin - timedelta(days=window_days + 1)),
        Period(begin, begin + timedelta(days=length_days - 1)),
    )


def _classes(rows: pl.DataFrame, period: Period) -> tuple[int, int]:
    """How many rows of `period` returned, and how many churned."""
    churned = rows.filter(within(period))["churned"]
    lost = int(churned.sum())
    return churned.len() - lost, lost


def _refuse_unusable(
    rows: pl.DataFrame, name: str, period: Period, ripe: Period, test: Period, window_days: int
) -> None:
    returned, churned = _classes(rows, period)
    if returned and churned:
        return
    classes = f"{returned} rows that returned and {churned} that churned"
    raise DataError(
        f"split: the {name} period has {classes}, and both are needed.\n"
        f"The ripe range is {ripe}; a label window of {window_days} days leaves "
        f"{sum(_classes(rows, _before(ripe, test, window_days)))} training rows before {test.first}.\n"
        "Choose a shorter label.horizon_days or "
        f"{'an earlier' if name == 'test' else 'a later'} split.test_from, or take a longer log. {_PERSONAL}"
    )


def _before(ripe: Period, test: Period, window_days: int) -> Period:
    return Period(ripe.first, test.first - timedelta(days=window_days + 1))


def _known_days(rows: pl.DataFrame) -> str:
    if rows.is_empty():
        return "There are no login days,"
    days = rows["login_day"].to_list()
    return f"The login days are {min(days)} to {max(days)}"
