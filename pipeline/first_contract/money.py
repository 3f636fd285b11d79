"""Which column holds amounts, how their numbers are written, and in which currency.

Promise: an amount is a column of which nearly all values can be read with the marks that are given.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from features.contract.values import Numbers
from pipeline.first_contract.guess import MOST_LOOKED_AT, Column, Guess, best_named, written
from pipeline.first_contract.times import quoted

_AMOUNT = {
    r"^(amount|revenue|sum|value|betrag|umsatz|importe|montant|paid|gross|net|turnover)(_(eur|usd|gbp|in_usd))?$": 12,
    r"(amount|revenue|betrag|umsatz|price_total|total_price|order_value|dollar|grand_total|total_paid|gmv)": 9,
    r"^(total|price|cost|preis|precio|prix|spend|charge|charges|fee|sales)$": 7,
}
_UNIT_PRICE = {r"^(unit_?price|price|price_each|item_price|stueckpreis|einzelpreis)$": 12}
_QUANTITY = {r"^(quantity|qty|menge|anzahl|units|cantidad|quantite)$": 12}
_CURRENCY = {r"^(currency|currency_?code|waehrung|moneda|devise|iso_currency)$|currency$": 12}
_SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "₹": "INR", "zł": "PLN"}
_IN_NAMES = {
    "eur": "EUR",
    "euro": "EUR",
    "usd": "USD",
    "dollar": "USD",
    "gbp": "GBP",
    "pound": "GBP",
    "chf": "CHF",
    "jpy": "JPY",
}
_MARKS = (
    Numbers(), Numbers(decimal=","), Numbers(decimal=",", thousands="."), Numbers(decimal=".", thousands=","),
    Numbers(decimal=",", thousands=" "), Numbers(decimal=".", thousands="'"), Numbers(decimal=".", thousands=" "),
)  # fmt: skip
_READS = 0.97


@dataclass(frozen=True, slots=True)
class Money:
    """The amounts of a log. `amount`: a column, or, if `derived`, SQL; `negative`: the column with a sign, if any."""

    amount: Guess
    derived: bool
    numbers: Numbers
    numbers_why: str
    currency: Guess | None
    fixed: Guess | None
    reporting: str
    negative: str | None


def money_of(columns: list[Column], zone: str) -> Money | None:
    """The amounts; None when no column holds any."""
    quantity, price = (best_named(_numeric(columns), patterns)[:1] for patterns in (_QUANTITY, _UNIT_PRICE))
    named = best_named(_numeric(columns), _AMOUNT)
    derived = bool(quantity and price and (not named or named[0][0] < 12))
    if derived:
        first, second = quantity[0][1], price[0][1]
        amount = Guess(
            f"{quoted(first.name)} * {quoted(second.name)}",
            f"{first.name} and {second.name} stand on each line",
        )
        column, signed = second, first
    elif named:
        points, column = named[0]
        also = f"; or {', '.join(one.name for _, one in named[1:3])}" if len(named) > 1 else ""
        amount = Guess(column.name, f"its name, and its values are numbers{also}", unsure=points < 9)
        signed = column
    else:
        return None
    numbers, why = marks_of(column)
    currency, fixed, reporting = _currency(columns, column, zone)
    below_zero = signed.share(r"^\s*-\s*[\d.,]*[1-9]") > 0.0005
    return Money(
        amount, derived, numbers, why, currency, fixed, reporting, signed.name if below_zero else None
    )


def _numeric(columns: list[Column]) -> list[Column]:
    return [
        one
        for one in columns
        if one.dtype.is_numeric() or (one.text and max(map(_reader(one), _MARKS)) >= _READS)
    ]


def _reader(column: Column) -> Callable[[Numbers], float]:
    """The share of the values that marks read."""
    values = column.values.head(MOST_LOOKED_AT)

    def share(marks: Numbers) -> float:
        read = values.to_frame("value").select(marks.of(pl.col("value"))).to_series()
        return int(read.is_not_null().sum()) / max(values.len(), 1)

    return share


def marks_of(column: Column) -> tuple[Numbers, str]:
    """The marks that read most values; plain ones if they read as many."""
    if not column.text:
        return Numbers(), ""
    share = _reader(column)
    best = max(_MARKS, key=lambda marks: (round(share(marks), 4), -_MARKS.index(marks)))
    # 1.250 reads as 1.25 and as 1250: what has no other decimals is thousands.
    if (
        best == Numbers()
        and column.share(r"^[+-]?[1-9]\d{0,2}\.\d{3}$") > 0.2
        and column.share(r"\.\d{1,2}$") == 0
    ):
        return Numbers(
            decimal=",", thousands="."
        ), "unsure: every number with a point has three digits after it"
    shown = next((one for one in column.values if re.search(r"\D", one.lstrip("+-"))), "")
    return best, f"as in {shown!r}"


def _currency(columns: list[Column], amount: Column, zone: str) -> tuple[Guess | None, Guess | None, str]:
    """The column of the currency or the fixed one, and the one to report in."""
    coded = [one for one in columns if one.distinct <= 60 and one.share("^[A-Za-z]{3}$") > 0.9]
    for _, one in best_named(coded, _CURRENCY)[:1]:
        counts = one.values.str.to_uppercase().value_counts(sort=True)
        shown = ", ".join(f"{code} {written(count)}" for code, count in counts.head(5).iter_rows())
        return Guess(one.name, f"its name; {shown}"), None, str(counts[one.values.name][0])
    for symbol, code in _SYMBOLS.items():
        if amount.share(re.escape(symbol)) > 0.5:
            return None, Guess(code, f"the amounts have {symbol}"), code
    for word, code in _IN_NAMES.items():
        if word in amount.plain:
            return None, Guess(code, f"the name of the column {amount.name}"), code
    code = "GBP" if zone == "Europe/London" else "EUR" if zone.startswith("Europe/") else "USD"
    return None, Guess(code, "nothing in the log says it", unsure=True), code
