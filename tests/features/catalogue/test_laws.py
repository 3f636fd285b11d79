"""Laws of every feature of the catalogue, including future ones."""

import re
import string
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.advice.actions import since_of, total_of
from features.advice.causes import cause_of
from features.aggregation.gone import GONE
from features.aggregation.landmarks import LONGEST_GAP, MEAN_GAP, P90_GAP, SILENT_DAYS
from features.aggregation.login_rows import KEYS
from features.catalogue.available import available, every_feature
from features.catalogue.context import SERVICE
from features.catalogue.silence import SILENCE
from features.contract.checks import OTHER
from features.define import DIMENSIONS, Feature, Form, Worse
from features.totals import totals_of
from features.wording.numbers import SCALES, is_currency
from features.wording.sentences import sentence
from features.wording.template import template_of
from pipeline.log.contract_file import load_contract
from tests.support.external_frames import EXTERNAL_DATA
from tests.support.paths import LOG_CONTRACTS
from tests.support.tables import COLUMNS, GAME, START, contract, declared, rows_of, stored

DAYS = 130
KINDS = [kind for kinds in GAME["groups"].values() for kind in kinds] + [OTHER]
EVENTS = st.fixed_dictionaries(
    {
        "user_id": st.sampled_from("ab"),
        "at": st.integers(0, DAYS * 24 * 60 - 1).map(
            lambda minute: (
                datetime(START.year, START.month, START.day, tzinfo=UTC) + timedelta(minutes=minute)
            )
        ),
        "kind": st.sampled_from(KINDS),
        "amount": st.none() | st.integers(-9999, 99999).map(lambda cents: cents / 100),
        "currency": st.sampled_from(["EUR", "GBP", "XXX", None]),
        "counterpart": st.none() | st.sampled_from("bcd"),
        "session": st.none() | st.sampled_from("xyz"),
        "level": st.none() | st.integers(1, 9).map(float),
        "score": st.none() | st.integers(0, 10).map(float),
        "country": st.sampled_from(["DE", "United Kingdom", "Nowhere", None]),
        "quantity_points": st.none() | st.integers(0, 99_999).map(lambda number: number / 100),
        "quantity_energy": st.none() | st.integers(-50, 50).map(lambda number: number / 10),
    }
)
SCHEMA = {"user_id": pl.String, "at": pl.Datetime("us", "UTC"), "kind": pl.String, **COLUMNS}
HISTORIES = st.lists(EVENTS, min_size=1, max_size=40).map(
    lambda events: pl.DataFrame(events, schema=SCHEMA).sort("user_id", "at", maintain_order=True)
)
EVERY = every_feature(contract().sources())
OF_OTHERS = [
    *(feature.name for feature in SERVICE),
    *(one.name for one in EVERY if GONE in {total.measure for total in totals_of(one.value)}),
]
"""Features that depend on whether others come."""


def until(events: pl.DataFrame, last_day: date) -> pl.DataFrame:
    return events.filter(pl.col("at").dt.date() <= last_day)


@given(HISTORIES, st.integers(0, DAYS))
@settings(max_examples=60, deadline=None)
def test_the_future_is_invisible(history: pl.DataFrame, cut: int) -> None:
    """Replay: features of a row from the log cut at its day's end equal those from the whole log."""
    last_day = START + timedelta(days=cut)
    whole = rows_of(history, START + timedelta(days=DAYS))
    replayed = rows_of(until(history, last_day), last_day)
    assert_frame_equal(replayed, whole.filter(pl.col("login_day") <= last_day), check_exact=True)


@given(HISTORIES)
@settings(max_examples=30, deadline=None)
def test_every_value_is_finite_or_nan_and_f32(history: pl.DataFrame) -> None:
    values = rows_of(history, START + timedelta(days=DAYS)).drop(KEYS)
    assert set(values.dtypes) == {pl.Float32}
    assert values.null_count().sum_horizontal().item() == 0
    assert not any(values[name].is_infinite().any() for name in values.columns)


@given(HISTORIES)
@settings(max_examples=30, deadline=None)
def test_a_user_depends_on_others_only_through_contacts_their_presence_and_the_service(
    history: pl.DataFrame,
) -> None:
    end = START + timedelta(days=DAYS)
    of_user = pl.exclude(*OF_OTHERS)
    events_of_b = history.filter(pl.col("user_id") == "b")
    naming = history.filter(pl.col("user_id") != "b", pl.col("counterpart") == "b")
    bare = naming.select("user_id", "at", pl.lit(OTHER).alias("kind"), "counterpart")
    alone = rows_of(pl.concat([events_of_b, bare], how="diagonal"), end).filter(pl.col("user_id") == "b")
    together = rows_of(history, end).filter(pl.col("user_id") == "b")
    assert_frame_equal(alone.select(of_user), together.select(of_user), check_exact=True)


@given(HISTORIES)
@settings(max_examples=30, deadline=None)
def test_a_user_s_own_stored_events_are_enough(history: pl.DataFrame) -> None:
    end = START + timedelta(days=DAYS)
    bucket = stored(history).filter(pl.col("user_id") == "b")
    of_user = pl.exclude(*OF_OTHERS)
    whole = rows_of(history, end).filter(pl.col("user_id") == "b")
    assert_frame_equal(rows_of(bucket, end).select(of_user), whole.select(of_user), check_exact=True)


@given(HISTORIES)
@settings(max_examples=30, deadline=None)
def test_there_is_one_row_per_user_and_login_day_numbered_from_one(history: pl.DataFrame) -> None:
    rows = rows_of(history, START + timedelta(days=DAYS))
    present = history.filter(pl.col("kind").is_in(GAME["presence"]["kinds"]))
    days = present.select("user_id", pl.col("at").dt.date().alias("login_day")).unique()
    assert rows.select("user_id", "login_day").rows() == days.sort("user_id", "login_day").rows()
    counted = rows.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("user_id").alias("login_number"))
    assert rows.select("login_number").equals(counted)


def test_the_law_of_replay_sees_a_feature_that_looks_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant the bug: a feature that peeks at the next day must break the replay."""
    peek = declared(name="peek", value=pl.col("events").shift(-1))
    monkeypatch.setattr("tests.support.tables.available", lambda *_: (peek,))
    events = [START, START + timedelta(days=1)]
    history = pl.DataFrame(
        {"user_id": ["a", "a"], "at": [datetime(d.year, d.month, d.day, 9, tzinfo=UTC) for d in events],
         "kind": ["chat", "chat"]}, schema_overrides={"at": pl.Datetime("us", "UTC")},
    ).with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in COLUMNS.items())  # fmt: skip
    whole = rows_of(history, events[1]).filter(pl.col("login_day") <= START)
    assert not rows_of(until(history, START), START).equals(whole, null_equal=True)


def test_at_least_forty_features_cover_all_eight_dimensions() -> None:
    assert len(EVERY) >= 40
    assert {feature.dimension for feature in EVERY} == set(DIMENSIONS)


def test_a_log_of_everything_allows_every_feature() -> None:
    assert [feature.name for feature in available(contract().sources())] == [f.name for f in EVERY]


@pytest.mark.parametrize("column", sorted({*COLUMNS} - {"session", "currency"}))
def test_a_column_that_the_log_lacks_makes_its_features_absent(column: str) -> None:
    columns = {name: raw for name, raw in GAME["columns"].items() if name != column}
    poorer = contract(columns=columns)
    allowed = {feature.name for feature in available(poorer.sources())}
    assert allowed < {feature.name for feature in EVERY}


CONTRACTS = [
    contract(),
    contract(meaning={}),
    contract(meaning={"subscription_start": ["purchase"], "renewal_days": 30}),
    *(load_contract(path) for path in LOG_CONTRACTS),
]
DECLARED = {
    feature.name: feature
    for one in CONTRACTS
    for external in (None, EXTERNAL_DATA)
    for feature in (*every_feature(one.sources(external=external)), *SILENCE)
}
"""Every feature of every contract, those of external data and of the silence included."""
_UNITS: Mapping[Form, str] = {
    "count": r"[a-z]+( of \d+)?",
    "duration": "minutes|hours|days",
    "money": "reporting currency( per order)?",
    "share": "share|0 to 1",
    "ratio": "ratio",
    "rate": ".+ per .+",
    "score": "level|.*[0-9] .*",
    "flag": "0 or 1",
    "days_since": "days",
    "days_to": "days(, negative when overdue)?",
    "number": "number|as in the table|1 Monday to 7 Sunday|hour of the day",
}


@pytest.mark.parametrize("feature", DECLARED.values(), ids=DECLARED)
def test_every_feature_has_a_form_a_worse_side_and_a_cause_of_its_dimension(feature: Feature) -> None:
    assert feature.form in get_args(Form)
    assert feature.worse in get_args(Worse)
    assert cause_of(feature).code == feature.cause
    silence_is_coming_less = {"silence": "rhythm"}
    assert cause_of(feature).dimension == silence_is_coming_less.get(feature.dimension, feature.dimension)


@pytest.mark.parametrize("feature", DECLARED.values(), ids=DECLARED)
def test_the_form_fits_the_unit_the_sentence_and_the_expression(feature: Feature) -> None:
    template = template_of(feature)
    assert re.fullmatch(_UNITS[feature.form], feature.unit)
    assert (template.is_percentage or template.spec in SCALES) == (
        feature.form == "share"
    ) or feature.form == "ratio"
    assert bool(template.spec) == (feature.form != "flag")
    assert not feature.says_not or feature.form == "flag"
    assert not feature.says_zero or feature.form != "flag"
    if feature.form in ("count", "flag", "days_since", "days_to"):
        assert template.spec in ("", ".0f")
    assert template.words is None or feature.form in ("number", "score")
    if since_of(feature) is not None:
        assert feature.form == "days_since"
    total = total_of(feature)
    measured: dict[str, Form] = {
        "revenue": "money",
        "refunds": "money",
        "seconds": "duration",
        "logins": "count",
    }
    if total is not None and total.measure in measured:
        assert feature.form == measured[total.measure]


@pytest.mark.parametrize("feature", DECLARED.values(), ids=DECLARED)
def test_a_clock_that_runs_speaks_for_leaving_when_it_is_late_and_an_amount_when_it_is_small(
    feature: Feature,
) -> None:
    """Features declared in the other direction are listed here."""
    unusual = {
        "tenure_days", "days_since_signup",  # the newcomer's clock has just begun
        "gap_last_days", "gap_before_last_days", "gap_mean_days", "gap_mean_90d", "gap_spread_days", "gap_longest_days",
        "gap_last_to_mean", "gap_last_to_own_p90", "ceased_counterparts_share", "refunds_90d", "minutes_per_money_90d",
        "gone_counterparts", "gone_counterparts_share", "gap_decayed_14d", "gap_decayed_60d", "gap_last_to_decayed_60d",
        "support_30d", "open_complaints", "answer_hours_last", "concentration_30d",
        "logins_since_goal", "failures_since_goal",
        *(feature.name for feature in SILENCE if feature.form != "days_since"),
        *(name for name in DECLARED if re.search("kind_(refund|ticket|quest_failed)", name)),
        *(name for name in DECLARED if name.startswith("currency_price_change_")),
    }  # fmt: skip
    usual = "high" if feature.form == "days_since" else "low"
    assert feature.worse in ("either", usual) or feature.name in unusual


@pytest.mark.parametrize("feature", [one for one in DECLARED.values() if one.moves], ids=lambda one: one.name)
def test_a_feature_that_moves_can_be_told_on_a_day_without_a_login(feature: Feature) -> None:
    """Totals of the day are zero then, and windows over login days are not defined; the date is no total.

    Neither is the silence on that date.
    """
    of_the_date = {"day", SILENT_DAYS, MEAN_GAP, P90_GAP, LONGEST_GAP}
    windows = {total.window for total in totals_of(feature.value) if total.column not in of_the_date}
    assert not windows & {"day", "previous", "fresh", "p90"}


@pytest.mark.parametrize("feature", DECLARED.values(), ids=DECLARED)
def test_every_feature_speaks_in_a_whole_sentence(feature: Feature) -> None:
    fields = [name for _, name, _, _ in string.Formatter().parse(feature.says) if name]
    assert fields in ([], ["value"], ["value", "own"])
    assert feature.says.endswith(template_of(feature).usual)
    assert template_of(feature).usual.startswith(", usually ") or "own" not in fields
    assert "{" not in sentence(feature, 3.0, 2.0)
    assert "nan" not in sentence(feature, 3.0, float("nan"))
    assert "nan" not in sentence(feature, float("nan"), 2.0)
    assert feature.unit


@pytest.mark.parametrize("feature", DECLARED.values(), ids=DECLARED)
def test_no_number_is_read_twice(feature: Feature) -> None:
    """Money has its currency. No sentence says "7.0", "0.1 times", "456.0 days", "1 days" or a position on a scale."""
    assert is_currency(template_of(feature).spec) == (feature.form == "money")
    if template_of(feature).words is not None:
        return
    values = (0.0, 0.004, 0.033, 0.1, 0.4, 1.0, 1.04, 7.0, 10.04, 456.04, 2973.4)
    said = " ".join(sentence(feature, value, usual, peers=0.033) for value in values for usual in values)
    assert not re.search(r"\d\.0\b|\d\d\.\d (?!%)|(?<![\d.,])1 (days|times|people)\b|\(1: ", said)
    if not template_of(feature).is_change and "silent_to" not in feature.name:
        assert not re.search(r"(?<!less than )\b0\.\d+ times", said)


@pytest.mark.parametrize("feature", DECLARED.values(), ids=DECLARED)
def test_a_sentence_of_the_login_day_is_true_when_it_is_read_later(feature: Feature) -> None:
    """Only what moves is told as of today; the login day is named."""
    values = (sentence(feature, value, 2.0) for value in (-3.0, 0.0, 1.0, 3.0))
    said = " ".join([*values, feature.says_missing, feature.goal])
    assert not re.search(
        r"\b(the login|login day)\b" if feature.moves else r"\b(today|ago|yesterday)\b", said
    )


@pytest.mark.parametrize("feature", DECLARED.values(), ids=DECLARED)
def test_a_sentence_quotes_no_name_and_writes_percent_in_one_way(feature: Feature) -> None:
    said = sentence(feature, 0.0, 0.3, 0.2) + sentence(feature, 0.37, 0.3, 0.2)
    assert not re.search(r"['\"_]|\d %", said.replace("user's", "").replace("users'", ""))
