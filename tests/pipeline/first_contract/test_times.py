"""The formats that are found read the values, and what nobody can know is unsure."""

import polars as pl
import pytest

from features.timestamps import read_instants
from pipeline.first_contract.guess import columns_of
from pipeline.first_contract.times import formats_of, times_of

DAYS = [f"2024-{month:02d}-{day:02d}" for month in (1, 2) for day in (3, 14, 25)]


def written(form: str) -> list[str]:
    return pl.Series(DAYS).str.to_datetime("%Y-%m-%d").dt.offset_by("13h5m").dt.strftime(form).to_list()


@pytest.mark.parametrize(
    "form",
    [
        "%d.%m.%Y %H:%M",
        "%m/%d/%Y %I:%M %p",
        "%Y%m%d",
        "%d %b %Y %H:%M:%S",
        "%Y/%m/%d %H:%M",
        "%d/%b/%Y:%H:%M:%S +0000",
    ],
)
def test_a_way_of_writing_is_found(form: str) -> None:
    column = columns_of(pl.DataFrame({"at": written(form)}))[0]
    found = formats_of(column)
    assert found is not None
    formats, _, unsure = found
    expected = read_instants(pl.Series(written(form)), (form.replace("+0000", "%z"),), "UTC")
    assert read_instants(column.values, formats, "UTC").to_list() == expected.to_list()
    assert not unsure


def test_day_before_month_is_unsure_when_both_are_possible() -> None:
    column = columns_of(pl.DataFrame({"at": ["03/04/2024", "05/04/2024", "06/04/2024"]}))[0]
    found = formats_of(column)
    assert found is not None
    assert (found[0], found[2]) == (("%d/%m/%Y",), True)


@pytest.mark.parametrize(
    ("unit", "name"), [(1, "epoch_s"), (1e3, "epoch_ms"), (1e6, "epoch_us"), (1e9, "epoch_ns")]
)
def test_an_epoch_is_found_by_its_magnitude(unit: float, name: str) -> None:
    numbers = [int((1_709_283_600 + 86_400 * day) * unit) for day in range(5)]
    for column in columns_of(pl.DataFrame({"ts": numbers, "text": [str(one) for one in numbers]})):
        found = formats_of(column)
        assert found is not None
        assert found[0] == (name,)


def test_several_ways_of_writing_are_a_list() -> None:
    column = columns_of(pl.DataFrame({"at": DAYS + written("%d.%m.%Y %H:%M")}))[0]
    found = formats_of(column)
    assert found is not None
    assert set(found[0]) == {None, "%d.%m.%Y %H:%M"}


@pytest.mark.parametrize(
    "values", [["1", "2", "3"], ["red", "blue"], ["12.50", "100.00"], [1.5, 2.5], [True, False]]
)
def test_other_values_are_no_times(values: list[object]) -> None:
    assert formats_of(columns_of(pl.DataFrame({"at": values}))[0]) is None


def test_a_day_and_a_time_of_day_in_two_columns_become_one() -> None:
    rows = pl.DataFrame({"date": DAYS, "clock": ["10:15", "9:05", "23:59"] * 2})
    times = times_of(columns_of(rows), None)
    assert times is not None
    assert times.derived
    made = rows.select(pl.sql_expr(times.at.value)).to_series()
    assert (
        read_instants(made.head(1), times.formats, "UTC").to_list()[0].isoformat()
        == "2024-01-03T10:15:00+00:00"
    )


def test_the_zone_follows_from_the_country_and_is_unsure() -> None:
    columns = columns_of(pl.DataFrame({"at": DAYS, "country": ["Spain", *["Germany"] * 5]}))
    times = times_of(columns, columns[1])
    assert times is not None
    assert (times.zone.value, times.zone.unsure) == ("Europe/Berlin", True)
