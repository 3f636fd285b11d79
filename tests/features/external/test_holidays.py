"""External values are those known at the end of the login day."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from features.external.holidays import country_code, holidays_near
from features.external.price_changes import price_changes

RATES = {"date": pl.Date, "currency": pl.String, "rate": pl.Float64, "known_at": pl.Datetime("us", "UTC")}


def at(day: int, hour: int = 15, month: int = 5) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=UTC)


def changes(
    rates: list[tuple[date, str, float, datetime]], day: date, age: int = 10
) -> dict[str, float | None]:
    pairs = pl.DataFrame({"day": [day], "currency": ["GBP"]}).with_columns(
        (pl.col("day") + pl.duration(days=1))
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone("UTC")
        .alias("day_end")
    )
    table = pl.DataFrame(rates, schema=RATES, orient="row")
    return price_changes(pairs, table, "EUR", "EUR", age).row(0, named=True)


def test_a_price_rises_as_the_user_s_currency_falls() -> None:
    rates = [(date(2024, 5, 3), "GBP", 0.8, at(3)), (date(2024, 5, 10), "GBP", 1.0, at(10))]
    assert changes(rates, date(2024, 5, 10))["currency_price_change_7d@external"] == pytest.approx(1.25)


def test_a_rate_published_after_the_day_s_end_is_not_known() -> None:
    rates = [(date(2024, 5, 3), "GBP", 0.8, at(3)), (date(2024, 5, 10), "GBP", 1.0, at(11, 1))]
    assert changes(rates, date(2024, 5, 10))["currency_price_change_7d@external"] == pytest.approx(1.0)


def test_a_late_notice_of_an_older_rate_changes_nothing() -> None:
    rates = [(date(2024, 5, 9), "GBP", 0.8, at(9)), (date(2024, 5, 2), "GBP", 0.8, at(2))]
    late = [*rates, (date(2024, 5, 8), "GBP", 9.9, at(10, 1))]
    assert changes(late, date(2024, 5, 10)) == changes(rates, date(2024, 5, 10))


def test_rates_filled_in_later_do_not_count_before_their_own_date() -> None:
    """One upload of many days: a day takes the rate of its date, not the newest one."""
    rates = [(date(2024, 5, day), "GBP", day / 10, at(1)) for day in range(1, 30)]
    assert changes(rates, date(2024, 5, 20))["currency_price_change_7d@external"] == pytest.approx(2.0 / 1.3)


def test_a_rate_that_is_too_old_is_no_rate() -> None:
    rates = [(date(2024, 5, 1), "GBP", 0.8, at(1))]
    assert changes(rates, date(2024, 5, 20), age=10)["currency_price_change_7d@external"] is None


def test_a_holiday_called_once_is_not_foreseen() -> None:
    """The state funeral of 19 September 2022 was announced on the 10th."""
    near = holidays_near(pl.Series(["GB"]), date(2022, 9, 2), date(2022, 9, 19))
    assert near["days_to_holiday@external"][0] > 60
    assert near["holiday@external"].sum() == 0


def test_a_holiday_is_counted_to_and_from() -> None:
    near = holidays_near(pl.Series(["DE", "Nowhere", None]), date(2024, 4, 30), date(2024, 5, 2))
    assert near.select(
        "day", "holiday@external", "days_to_holiday@external", "days_since_holiday@external"
    ).rows() == [
        (date(2024, 4, 30), 0, 1, 29),
        (date(2024, 5, 1), 1, 0, 0),
        (date(2024, 5, 2), 0, 7, 1),
    ]


def test_a_country_is_known_by_code_or_name() -> None:
    assert [country_code(name) for name in ("GB", "united kingdom", "Germany", "Unspecified")] == [
        "GB",
        "GB",
        "DE",
        None,
    ]
