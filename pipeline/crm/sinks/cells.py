"""A list as the cells of a tool's file: each value as the text that the tool reads as that value.

Promise: a value within the tool's limits is read back as it is on the list, numbers to the tool's decimal places.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from pipeline.crm.sinks.profile import CHURN_PERCENT, CrmProfile
from pipeline.storage.csv_tables import safe_text

Kind = Literal["text", "number", "day", "flag"]
_PHONE: Final = r"^\+[0-9]{4,15}$"
"""E.164, as tools want it: no formula."""
_CUT: Final = "…"
_DECIMAL_PLACES: Final = 38
"""As many as Polars has."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A table of texts, null where the value is not known, with the key in the first column and unique.

    `own`: the kind of each other column but those of `carried`, which are the CRM's own and texts.
    """

    table: pl.DataFrame
    own: dict[str, Kind]
    carried: tuple[str, ...]

    @property
    def key(self) -> str:
        """The header of the ids."""
        return self.table.columns[0]

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns of texts, the key among them."""
        return (self.key, *(name for name, kind in self.own.items() if kind == "text"), *self.carried)


def cells_of(listed: pl.DataFrame, carry: Collection[str], profile: CrmProfile, *, plain_ids: bool) -> Cells:
    """The cells of `listed`, in its order. `carry`: the columns that it carries. `plain_ids`: ids are never protected.

    Users whose key is not known are left out, and so are all but the first of users with the same key: a tool reads
    each key once.
    """
    source = "user_id" if profile.carried_key not in carry else str(profile.carried_key)
    key = profile.key if source == "user_id" else source
    rows = listed.filter(pl.col(source).fill_null("") != "").unique(source, keep="first", maintain_order=True)
    if profile.columns is not None and CHURN_PERCENT in profile.columns:
        rows = rows.with_columns(
            (100 * pl.col("churn_probability")).round().cast(pl.Int64).alias(CHURN_PERCENT)
        )
    carried = tuple(name for name in listed.columns if name in carry and name != source)
    names = _in_order([name for name in listed.columns if name not in {*carried, source}], profile)
    dtypes = {name: rows.schema[name] for name in names}
    ids = {name: pl.col(name) for name in {source, "user_id"}}
    if profile.for_people and not plain_ids:
        ids = {name: safe_text(value) for name, value in ids.items()}
    table = rows.select(
        ids[source].alias(key),
        *(
            ids.get(name, _cell(name, dtype, profile)).alias(name + profile.suffix)
            for name, dtype in dtypes.items()
        ),
        *(_text(pl.col(name).cast(pl.String), profile).alias(name) for name in carried),
    )
    return Cells(table, {name + profile.suffix: _kind(dtype) for name, dtype in dtypes.items()}, carried)


def _in_order(names: list[str], profile: CrmProfile) -> list[str]:
    """The list's own columns that the profile has, in its order."""
    if profile.columns is not None:
        return [name for name in profile.columns if name in names or name == CHURN_PERCENT]
    return [
        *(name for name in profile.first if name in names),
        *(name for name in names if name not in profile.first),
    ]


def _kind(dtype: pl.DataType) -> Kind:
    if dtype == pl.Boolean:
        return "flag"
    if dtype.is_numeric():
        return "number"
    return "day" if dtype.is_temporal() else "text"


def _cell(name: str, dtype: pl.DataType, profile: CrmProfile) -> pl.Expr:
    """A value as its text. Numbers are plain decimals, never with an exponent; days are ISO 8601."""
    value = pl.col(name)
    match _kind(dtype):
        case "flag":
            no, yes = profile.flags
            return pl.when(value).then(pl.lit(yes)).when(~value).then(pl.lit(no))
        case "day":
            return value.dt.to_string("iso:strict")
        case "number" if dtype.is_float():
            decimal = pl.Decimal(_DECIMAL_PLACES, profile.digits)
            known = pl.when(value.is_finite()).then(value)
            return known.round(profile.digits).cast(decimal).cast(pl.String)
        case "number":
            return value.cast(pl.String)
        case "text":
            return _text(value, profile)


def _text(value: pl.Expr, profile: CrmProfile) -> pl.Expr:
    """A text as the tool can hold it; null for an empty one."""
    text = value
    if profile.one_line:
        text = text.str.replace_all(r"[\r\n]+", " ").str.replace_all('"', "'", literal=True)
    safe = safe_text(text)
    if not profile.for_people:
        safe = pl.when(text.str.contains(_PHONE)).then(text).otherwise(safe)
    if profile.longest_text is not None:
        cut = safe.str.head(profile.longest_text - 1) + pl.lit(_CUT)
        safe = pl.when(safe.str.len_chars() > profile.longest_text).then(cut).otherwise(safe)
    return pl.when(safe != "").then(safe)
