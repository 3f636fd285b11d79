"""Attributes of users, as known at the end of a login day."""

from collections.abc import Iterable

import polars as pl

from features.contract.countries import country_name
from features.contract.external_data import PLACES, SIGN_UP, Attribute, ExternalData
from features.define import Feature, Form, external, login_day
from features.names import braceless, plain
from features.totals import external_column, known_column

_OF_USERS = "user."


def attribute_features(external_data: ExternalData) -> tuple[Feature, ...]:
    """The features of attributes: sign-up, numbers, flags, days since dates, common texts."""
    sign_up = (_SIGN_UP,) if external_data.sign_up else ()
    return (
        *sign_up,
        *(feature for attribute in external_data.attributes for feature in _features(attribute)),
    )


def is_attribute(feature: Feature) -> bool:
    """Whether `feature` is made from the table of users."""
    return any(name.startswith(_OF_USERS) for name in feature.value.meta.root_names())


def is_external(feature: Feature) -> bool:
    """Whether `feature` uses a value from outside the log: an attribute, a table, a calendar, a rate or a holiday."""
    return any(name.endswith(external_column("")) for name in feature.value.meta.root_names())


def with_attributes(rows: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    """`rows` (`user_id, day`, sorted by both) with each attribute as `user.NAME@external`.

    `users`: `user_id, from_day` (each pair once) and attributes; a row counts from `from_day` until the user's
    next row.
    """
    names = {
        name: external_column(f"{_OF_USERS}{name}")
        for name in users.columns
        if name not in ("user_id", "from_day")
    }
    held = users.sort("from_day").rename(names)
    values = (
        rows.select("user_id", "day")  # the rows are wide: sorting them would be slow
        .with_row_index("row")
        .sort("day", maintain_order=True)
        .join_asof(held, left_on="day", right_on="from_day", by="user_id", check_sortedness=False)
        .sort("row")
    )
    return rows.hstack(values.select(*names.values()))


def with_places(rows: pl.DataFrame, country: str | None) -> pl.DataFrame:
    """`rows` with `country@known` and `city@known`: from events, else from the attribute, else `country` for all."""
    for place in PLACES:
        candidates = [
            name
            for name in (known_column(place), external_column(f"{_OF_USERS}{place}"))
            if name in rows.columns
        ]
        fixed = pl.lit(country if place == "country" else None, dtype=pl.String)
        rows = rows.with_columns(pl.coalesce(*candidates, fixed).alias(known_column(place)))
    return rows


def _days_since(date: pl.Expr) -> pl.Expr:
    return (login_day() - date).dt.total_days()


def _once_come(days: pl.Expr) -> pl.Expr:
    """`days`, missing before the date: a constant date counts for every day, but not before it happened."""
    return pl.when(days >= 0).then(days)


_SIGN_UP = Feature(
    name="days_since_signup",
    value=_once_come(_days_since(external(f"{_OF_USERS}{SIGN_UP}"))),
    dimension="rhythm",
    form="days_since",
    worse="low",
    cause="NEWCOMER",
    unit="days",
    moves=True,
    says="signed up {value:.0f} days ago",
    says_missing="when the user signed up is not known",
    speaks=False,  # nobody leaves for being new
)


def _features(attribute: Attribute) -> Iterable[Feature]:
    words, name = braceless(attribute.name).replace("_", " "), plain(attribute.name)
    value = external(f"{_OF_USERS}{attribute.name}")
    missing = f"{words} is not known"
    if attribute.kind == "number":
        yield _surrounding(name, value, "number", "number", f"{words}: {{value:.4g}}", missing)
    elif attribute.kind == "flag":
        yield _surrounding(
            name, value.cast(pl.Int32), "flag", "0 or 1", f"{words}: yes", missing, f"{words}: no"
        )
    elif attribute.kind == "date":
        since = _once_come(_days_since(value)) if attribute.constant else _days_since(value)
        says = f"{words} {{value:.0f}} days ago"
        yield _surrounding(f"days_since_{name}", since, "days_since", "days", says, missing)
    else:
        for one in attribute.values:
            told = country_name(one) if attribute.name == "country" else one
            yield _surrounding(
                attribute.feature_of(one),
                (value == one).cast(pl.Int32),
                "flag",
                "0 or 1",
                f"{words}: {braceless(told)}",
                missing,
                says_not=f"{words}: not {braceless(told)}",
            )


def _surrounding(
    name: str, value: pl.Expr, form: Form, unit: str, says: str, missing: str, says_not: str = ""
) -> Feature:
    return Feature(
        name=name,
        value=value,
        dimension="context",
        form=form,
        worse="either",
        cause="SURROUNDINGS",
        unit=unit,
        moves=True,
        says=says,
        says_not=says_not,
        says_missing=missing,
    )
