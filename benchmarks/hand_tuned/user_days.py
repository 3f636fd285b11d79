"""From a bucket of events to its user-days: the first half of `benchmarks.hand_tuned.login_rows`.

Most columns of the demo's log are empty on most lines: each is reduced to its filled lines before it is counted.
"""

from math import nan, pi

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.hand_tuned.external import COUNTRY, CURRENCY, ExternalData
from benchmarks.hand_tuned.features import GROUPS, KINDS

EVENT_COLUMNS = [
    "user_id", "at", "kind", "amount", "currency", "counterpart", "session", "level", "score", "country", "role",
]  # fmt: skip
_KIND = pl.Enum([*KINDS, "debug_ping"])
STRIDE, _PAD = 1 << 12, 128
"""The key of a user-day is user * STRIDE + _PAD + day: no window reaches another user's days."""
_LONGEST_PAUSE_SECONDS = 1800
_DAY_SECONDS = 86_400
_STATES = ("level", "score", "currency", "country")

Counts = NDArray[np.int32]


def user_days(placed: pl.DataFrame, external_data: ExternalData) -> pl.DataFrame:
    """One row per user and day, sorted: totals of the day (i32), and values known at its end (f32).

    `placed`: the users' own events.
    """
    placed = _numbered(placed)
    starts = placed["begins"].arg_true()
    days = placed[starts].select("user_id", "user", "day", "key", "second").with_row_index("row")
    return (
        days.with_columns(_counts(placed, starts))
        .with_columns(_money(placed, days.height, external_data))
        .with_columns(_states(placed, days.height))
        .pipe(_with_calendar, external_data.first)
        .pipe(_with_known, external_data)
    )


def placed_in(events: pl.DataFrame, external_data: ExternalData) -> pl.DataFrame:
    """The events inside the log, own and received, with the key of their user-day."""
    placed = events.with_columns(
        pl.col("user_id").rle_id().cast(pl.Int64).alias("user"),
        (pl.col("at").to_physical() // 1_000_000 - external_data.first * _DAY_SECONDS).alias("second"),
        pl.col("kind").cast(_KIND).to_physical().cast(pl.Int64),
    ).with_columns((pl.col("second") // _DAY_SECONDS).alias("day"))
    inside = placed["day"].is_between(0, external_data.days - 1)
    if not inside.all():
        placed = placed.filter(inside)
    return placed.with_columns((pl.col("user") * STRIDE + _PAD + pl.col("day")).alias("key"))


def _numbered(placed: pl.DataFrame) -> pl.DataFrame:
    """`placed` with the number of the user-day."""
    placed = placed.with_columns(
        (pl.col("key") != pl.col("key").shift()).fill_null(value=True).alias("begins")
    )
    return placed.with_columns((pl.col("begins").cum_sum().cast(pl.Int64) - 1).alias("day_row"))


def _counts(placed: pl.DataFrame, starts: pl.Series) -> list[pl.Series]:
    """Counts of events, sessions, people met and seconds of each user-day."""
    height = starts.len()
    cells = placed["kind"].to_numpy() * height + placed["day_row"].to_numpy()
    by_kind = np.bincount(cells, minlength=height * (len(KINDS) + 1)).reshape(-1, height).astype(np.int32)
    counts: dict[str, Counts] = {f"kind_{kind}": by_kind[number] for number, kind in enumerate(KINDS)}
    for group, kinds in GROUPS.items():
        counts[group] = sum((counts[f"kind_{kind}"] for kind in kinds[1:]), counts[f"kind_{kinds[0]}"])
    first = starts.to_numpy()
    counts["events"] = np.diff(first, append=placed.height).astype(np.int32)
    ours = counts["events"] - counts["kind_ticket_answered"] - by_kind[len(KINDS)]
    counts["logins"] = (ours > 0).astype(np.int32)
    pause = placed["second"].diff().to_numpy()
    counted = np.where(placed["begins"].to_numpy() | (pause > _LONGEST_PAUSE_SECONDS), 0, pause)
    counts["seconds"] = np.add.reduceat(counted, first).astype(np.int32)
    new_session = pl.col("begins") | pl.col("session").ne_missing(pl.col("session").shift())
    sessions = placed.select("day_row", "session", new_session.alias("new")).filter("new")
    counts["sessions"] = _distinct(sessions.drop_nulls("session"), "session", height)
    met = placed.select("day_row", "counterpart").drop_nulls()
    counts["contacts"] = _per_day(met["day_row"], height)
    counts["counterparts"] = _distinct(met, "counterpart", height)
    counts["answers"] = _per_day(placed.select("day_row", "score").drop_nulls()["day_row"], height)
    return [pl.Series(name, values) for name, values in counts.items()]


def _per_day(rows: pl.Series, height: int) -> Counts:
    return np.bincount(rows.to_numpy(), minlength=height).astype(np.int32)


def _distinct(lines: pl.DataFrame, name: str, height: int) -> Counts:
    """The number of different values of `name` (a letter and a number) of each user-day."""
    number = pl.col(name).str.slice(1).cast(pl.Int64)
    pairs = lines.select(pl.col("day_row") * (1 << 32) + number).to_series().unique().to_numpy()
    return np.bincount(pairs >> 32, minlength=height).astype(np.int32)


def _money(placed: pl.DataFrame, height: int, external_data: ExternalData) -> list[pl.Series]:
    """Payments and refunds of each user-day in euro cents, at the day's rate."""
    code = pl.col("currency").cast(CURRENCY).to_physical().cast(pl.Int64)
    paid = placed.select("day_row", "day", "second", "currency", "amount").drop_nulls()
    rate = external_data.to_eur.gather(paid.select(code * external_data.days + pl.col("day")).to_series())
    cents = pl.col("cents")
    totals = (
        paid.with_columns((pl.col("amount") * rate * 100).round(mode="half_away_from_zero").alias("cents"))
        .group_by("day_row", maintain_order=True)
        .agg(
            cents.filter(cents > 0).sum().alias("revenue"),
            -cents.filter(cents < 0).sum().alias("refunds"),
            pl.col("second").filter(cents > 0).n_unique().alias("orders"),
        )
    )
    return [_spread(totals["day_row"], totals[name], height) for name in ("revenue", "refunds", "orders")]


def _spread(rows: pl.Series, values: pl.Series, height: int) -> pl.Series:
    whole = np.zeros(height, dtype=np.int32)
    whole[rows.to_numpy()] = values.to_numpy()
    return pl.Series(values.name, whole)


def _states(placed: pl.DataFrame, height: int) -> list[pl.Series]:
    """The highest level of each user-day, last score, and last currency and country (codes); NaN for none."""
    level = placed.select("day_row", "level").drop_nulls()
    rows = level["day_row"].to_numpy()
    begins = np.flatnonzero(np.diff(rows, prepend=-1))
    highest = np.full(height, nan, dtype=np.float32)
    if begins.size:
        highest[rows[begins]] = np.maximum.reduceat(level["level"].to_numpy(), begins)
    return [
        pl.Series("level", highest),
        _last(placed, "score", pl.col("score"), height),
        _last(placed, "currency", pl.col("currency").cast(CURRENCY).to_physical(), height),
        _last(placed, "country", pl.col("country").cast(COUNTRY).to_physical(), height),
    ]


def _last(placed: pl.DataFrame, name: str, value: pl.Expr, height: int) -> pl.Series:
    # Of several numbers written to one position NumPy keeps the last.
    lines = placed.select("day_row", name).drop_nulls()
    last = np.full(height, nan, dtype=np.float32)
    last[lines["day_row"].to_numpy()] = lines.select(value).to_series().to_numpy()
    return pl.Series(name, last)


def _with_calendar(days: pl.DataFrame, first_day: int) -> pl.DataFrame:
    """Gaps, streaks, weekdays and clock of the logins; `former`: the row of the login before (null: none)."""
    is_login, row, key, logins = pl.col("logins") == 1, pl.col("row"), pl.col("key"), pl.col("logins")
    first = pl.when(pl.col("user") != pl.col("user").shift()).then(row).forward_fill().fill_null(0)
    placed = days.with_columns(
        first.alias("first@life"),
        (pl.col("user") * STRIDE).alias("user_key"),
        pl.when(is_login).then(row).forward_fill().shift().alias("former"),
        ((pl.col("day") + first_day + 3) % 7 + 1).alias("weekday"),
    ).with_columns(pl.when(pl.col("former") >= pl.col("first@life")).then(pl.col("former")))
    gap = pl.when(is_login).then(key - key.gather(pl.col("former"))).fill_null(0).cast(pl.Int32)
    week, clock = pl.col("weekday") * (2 * pi / 7), pl.col("second") % _DAY_SECONDS * (2 * pi / _DAY_SECONDS)
    placed = placed.with_columns(
        gap.alias("gap_days"),
        (pl.col("weekday") >= 6).alias("weekend"),
        (logins * (week.sin() * 1000).round()).cast(pl.Int32).alias("weekday_sin"),
        (logins * (week.cos() * 1000).round()).cast(pl.Int32).alias("weekday_cos"),
        (clock.sin() * 1000).round().cast(pl.Int32).alias("clock_sin"),
        (clock.cos() * 1000).round().cast(pl.Int32).alias("clock_cos"),
        logins.cum_sum().alias("number"),
    )
    begun = pl.when(is_login & (pl.col("gap_days") != 1)).then(pl.col("number")).otherwise(0).cum_max()
    return placed.with_columns(
        (pl.col("gap_days") * pl.col("gap_days")).alias("gap_days_squared"),
        (logins * pl.col("weekend")).alias("weekend_logins"),
        (pl.col("number") - begun + 1).alias("streak_days"),
        ((pl.col("user_key") + pl.col("gap_days")).cum_max() - pl.col("user_key")).alias("gap_days@most"),
    )


def _with_known(days: pl.DataFrame, external_data: ExternalData) -> pl.DataFrame:
    """The last known level, score, country and currency, and the values that depend on them; null for none."""
    first = pl.col("first@life")
    sightings = [pl.when(pl.col(name).is_not_nan()).then(pl.col("row")).forward_fill().alias(f"{name}@seen")
            for name in _STATES]  # fmt: skip
    sighted = days.with_columns(sightings)
    known = [pl.col(name).gather(pl.when(pl.col(f"{name}@seen") >= first).then(pl.col(f"{name}@seen")))
             .alias(f"{name}@known") for name in _STATES]  # fmt: skip
    before = pl.col("level@known").shift()
    grown = pl.when(pl.col("row") > first).then(pl.col("level") - before).clip(lower_bound=0)
    with_external = sighted.with_columns(known).with_columns(
        pl.when(grown.is_not_nan()).then(grown).fill_null(0).cast(pl.Int32).alias("level_gain"),
        (pl.col("country@known").cast(pl.Int64) * external_data.days + pl.col("day")).alias("place"),
        (pl.col("currency@known").cast(pl.Int64) * external_data.days + pl.col("day")).alias("money"),
    )
    return with_external.with_columns(
        *(
            values.gather(with_external["place"]).alias(name)
            for name, values in external_data.by_country.items()
        ),
        *(
            values.gather(with_external["money"]).alias(name)
            for name, values in external_data.by_currency.items()
        ),
    )
