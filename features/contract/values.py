"""How a log writes numbers, currencies and people without a name.

Promise: a text that does not fit the declared marks is unreadable, never another number.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$")]

PLACEHOLDER_IDS = (
    "", "nan", "null", "none", "nil", "<na>", "na", "n/a", "#n/a", "\\n", "(null)", "(none)", "(not set)", "(blank)",
    "undefined", "unknown", "[object object]", "anonymous", "guest", "not_authenticated", "-",
    "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
"""What tools write where nobody is known, in lower case. `placeholder_ids` of a contract replaces the list."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Numbers(_Part):
    """The marks of numbers written as text; null: a point before the decimals, no mark of thousands."""

    decimal: Literal[".", ","] | None = None
    """The mark before the decimals of numbers written as text; null: a point."""
    thousands: Literal[".", ",", "'", " ", "_"] | None = None
    """The mark between thousands; null: there is none."""

    @property
    def declared(self) -> bool:
        """Whether the contract says how numbers are written."""
        return self.decimal is not None or self.thousands is not None

    def of(self, text: pl.Expr) -> pl.Expr:
        """The number in each `text` as Float64; null where it does not fit the marks."""
        trimmed = text.str.strip_chars()
        if self.thousands is None and self.decimal in (None, "."):
            return trimmed.cast(pl.Float64, strict=False)
        point = re.escape(self.decimal or ".")
        whole = rf"\d+|\d{{1,3}}(?:{re.escape(self.thousands)}\d{{3}})+" if self.thousands else r"\d*"
        fits = trimmed.str.contains(rf"^[+-]?(?:{whole})(?:{point}\d*)?(?:[eE][+-]?\d+)?$")
        plain = trimmed
        if self.thousands:
            plain = plain.str.replace_all(self.thousands, "", literal=True)
        if self.decimal == ",":
            plain = plain.str.replace(",", ".", literal=True)
        return pl.when(fits).then(plain).cast(pl.Float64, strict=False)


class Subunit(_Part):
    """A currency that is counted in parts, such as pence: `parts` of them are one unit of `of`."""

    of: CurrencyCode
    parts: float = Field(gt=0)


class Currency(_Part):
    """The currency of all amounts (`fixed`; null if a column names it), and the currency of reports.

    `names`: what the column's own words mean, as a code or as a part of a currency.
    """

    fixed: CurrencyCode | None = None
    """The currency of all amounts, if no column names it."""
    reporting: CurrencyCode | None = None
    """The currency of reports, into which amounts are converted; null: the fixed one."""
    names: dict[str, CurrencyCode | Subunit] = {}
    """What the column's own words mean: a code, or a part of a currency such as pence."""

    @model_validator(mode="before")
    @classmethod
    def _reports_in_its_own(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and values.get("reporting") is None:
            return {**values, "reporting": values.get("fixed")}
        return values

    def code(self, text: pl.Expr) -> pl.Expr:
        """The code of each trimmed `text`. Three letters of one case are a code; other texts stay, and are unknown.

        `GBp` is not GBP: pence and pounds differ only in one letter's case.
        """
        codes = {name: meant if isinstance(meant, str) else meant.of for name, meant in self.names.items()}
        one_case = pl.when(text.str.contains(r"^[a-z]{3}$")).then(text.str.to_uppercase()).otherwise(text)
        return text.replace_strict(codes, default=one_case, return_dtype=pl.String) if codes else one_case

    def parts(self, text: pl.Expr) -> pl.Expr | None:
        """How many of the written amounts make one unit; None when no name is a part of a currency."""
        parts = {name: meant.parts for name, meant in self.names.items() if isinstance(meant, Subunit)}
        if not parts:
            return None
        return text.replace_strict(parts, default=1.0, return_dtype=pl.Float64)


def composed(text: pl.Expr) -> pl.Expr:
    """Each `text` in Unicode's composed form (NFC), so that equal names are equal texts."""
    return text.map_batches(_composed, return_dtype=pl.String)


def _composed(texts: pl.Series) -> pl.Series:
    # Most logs are ASCII, which is composed; counting bytes is some thirty times as fast as composing.
    if texts.str.len_bytes().sum() == texts.str.len_chars().sum():
        return texts
    return texts.to_frame().select(pl.first().str.normalize("NFC")).to_series()


def missing_id(text: pl.Expr, placeholders: tuple[str, ...]) -> pl.Expr:
    """Whether each trimmed `text` is empty or a placeholder, whatever its case."""
    return text.str.to_lowercase().is_in([placeholder.lower() for placeholder in ("", *placeholders)])
