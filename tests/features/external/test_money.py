"""Amounts are converted at a rate that was known, or not at all."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.contract.values import Currency
from features.external.money import in_reporting

EUROS = Currency(reporting="EUR")
FRIDAY = date(2024, 3, 1)
RATES_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "date": pl.Date,
    "currency": pl.String,
    "rate": pl.Float64,
    "known_at": pl.Datetime("us", "UTC"),
}


def table(*rows: tuple[date, str, float]) -> pl.DataFrame:
    """Rates known at 15:00 UTC of their date."""
    known = [(*row, datetime(row[0].year, row[0].month, row[0].day, 15, tzinfo=UTC)) for row in rows]
    return pl.DataFrame(known, schema=RATES_SCHEMA, orient="row")


def paid(*rows: tuple[date, float | None, str | None]) -> pl.DataFrame:
    """Events of days that end at midnight UTC."""
    frame = pl.DataFrame(
        rows, schema={"day": pl.Date, "amount": pl.Float64, "currency": pl.String}, orient="row"
    )
    end = (pl.col("day") + timedelta(days=1)).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return frame.with_columns(end.alias("day_end"))


def converted(
    events: pl.DataFrame, rates: pl.DataFrame, currency: Currency = EUROS, max_age_days: int = 10
) -> list[tuple[int | None, str | None]]:
    converted = in_reporting(events, rates, currency, base="EUR", max_age_days=max_age_days)
    return converted.select("amount_minor", "problem").rows()


def test_a_weekend_has_the_rate_of_friday_until_it_is_too_old() -> None:
    rates = table((FRIDAY, "USD", 1.25))
    days = [FRIDAY + timedelta(days=later) for later in (-1, 0, 2, 10, 11)]
    assert converted(paid(*((day, 10.0, "USD") for day in days)), rates) == [
        (None, "no_rate"),  # Thursday: not published yet
        (800, None),
        (800, None),
        (800, None),
        (None, "no_rate"),
    ]


def test_a_rate_published_after_the_end_of_the_day_is_not_known() -> None:
    early = paid((FRIDAY, 10.0, "USD")).with_columns(day_end=pl.lit(datetime(2024, 3, 1, 15, tzinfo=UTC)))
    rates = table((FRIDAY - timedelta(days=1), "USD", 2.0), (FRIDAY, "USD", 1.0))
    assert converted(early, rates) == [(500, None)]
    later = early.with_columns(pl.col("day_end") + timedelta(microseconds=1))
    assert converted(later, rates) == [(1000, None)]


def test_a_late_notice_of_an_older_date_does_not_replace_the_newer_rate() -> None:
    rates = table((FRIDAY - timedelta(days=1), "USD", 2.0), (FRIDAY - timedelta(days=2), "USD", 4.0))
    late = rates.with_columns(
        known_at=pl.Series([datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)])
    )
    late = late.with_columns(pl.col("known_at").cast(RATES_SCHEMA["known_at"]))
    assert converted(paid((FRIDAY, 10.0, "USD")), late) == [(500, None)]


def test_two_currencies_meet_by_the_base() -> None:
    rates = table((FRIDAY, "USD", 1.25), (FRIDAY, "GBP", 0.8))
    pounds = Currency(reporting="GBP")
    assert converted(
        paid((FRIDAY, 10.0, "USD"), (FRIDAY, 10.0, "EUR"), (FRIDAY, 10.0, "GBP")), rates, pounds
    ) == [
        (640, None),
        (800, None),
        (1000, None),
    ]


def test_what_cannot_be_converted_stays_with_the_reason() -> None:
    rates = table((FRIDAY, "USD", 1.25), (FRIDAY, "IDR", 1e-12))
    events = paid((FRIDAY, 1.0, "XYZ"), (FRIDAY, 1.0, None), (FRIDAY, None, None), (FRIDAY, 1e9, "IDR"))
    assert converted(events, rates) == [
        (None, "unknown_currency"),
        (None, "unknown_currency"),
        (None, None),
        (None, "too_large"),
    ]


def test_one_fixed_currency_that_is_reported_needs_no_rate() -> None:
    dollars = Currency(fixed="USD", reporting="USD")
    old = paid((date(1997, 1, 1), 11.77, None), (date(1997, 1, 1), 0.0, None)).drop("currency")
    assert converted(old, table(), dollars) == [(1177, None), (0, None)]


def test_one_fixed_currency_may_be_reported_in_another() -> None:
    dollars = Currency(fixed="USD", reporting="EUR")
    assert converted(paid((FRIDAY, -10.0, None)).drop("currency"), table((FRIDAY, "USD", 1.25)), dollars) == [
        (-800, None)
    ]


AMOUNTS = st.none() | st.integers(-(10**9), 10**9).map(lambda cents: cents / 100)
EVENTS = st.lists(
    st.tuples(
        st.dates(date(2024, 1, 1), date(2024, 3, 1)),
        AMOUNTS,
        st.sampled_from(["EUR", "USD", "GBP", "XYZ", None]),
    ),
    max_size=30,
)
RATES = st.dictionaries(
    st.tuples(st.dates(date(2024, 1, 1), date(2024, 3, 1)), st.sampled_from(["USD", "GBP"])),
    st.floats(0.01, 100),
    max_size=20,
)


@settings(deadline=None)
@given(EVENTS, RATES, st.integers(1, 30))
def test_no_event_is_lost_and_amounts_in_the_reporting_currency_are_untouched(
    rows: list[tuple[date, float | None, str | None]],
    rates: dict[tuple[date, str], float],
    max_age_days: int,
) -> None:
    events = paid(*rows)
    converted = in_reporting(
        events,
        table(*((*key, rate) for key, rate in rates.items())),
        EUROS,
        base="EUR",
        max_age_days=max_age_days,
    )
    assert converted.select(events.columns).equals(events, null_equal=True)
    for amount, currency, minor, problem in converted.select(
        "amount", "currency", "amount_minor", "problem"
    ).rows():
        if currency == "EUR" and amount is not None:
            assert (minor, problem) == (round(amount * 100), None)
        assert (minor is None) == (amount is None or problem is not None)


@settings(deadline=None)
@given(EVENTS.filter(len), RATES)
def test_a_rate_of_the_future_changes_nothing(
    rows: list[tuple[date, float | None, str | None]], rates: dict[tuple[date, str], float]
) -> None:
    last = max(day for day, _, _ in rows)
    whole = table(*((*key, rate) for key, rate in rates.items()))
    known = whole.filter(pl.col("date") <= last)
    assert [m for m, _ in converted(paid(*rows), whole)] == [m for m, _ in converted(paid(*rows), known)]
