"""The contract's section `quantities`: numbers of an event that are no money."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from features.contract.derived_columns import sql_of
from features.errors import ContractError, Faults

SCALE = 1000
"""Quantities are counted in thousandths, so that their sums are exact."""
MOST = 1e12
"""The size from which on a quantity is taken for unreadable."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST_QUANTITIES = 24


class Quantity(BaseModel):
    """A number of an event, such as points, seconds watched or megabytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str | None = None
    """The raw column, or a path into one, that holds the number."""
    sql: str | None = None
    """Instead of `column`, SQL over the columns of the log, as under `derive`."""
    form: Literal["total", "net", "level"] = "net"
    """`net` adds up gains and losses, `total` refuses values below 0; of a `level` the last value counts."""
    worse: Literal["low", "high", "either"] = "low"
    """Whether little of it speaks for leaving, much of it (waiting times, errors), or neither."""

    @property
    def is_level(self) -> bool:
        """Whether the last value counts until there is another."""
        return self.form == "level"


def _written_short(value: Any) -> Any:
    """`clicks: sum_click` means `clicks: {column: sum_click}`."""
    return {"column": value} if isinstance(value, str) else value


QuantityGiven = Annotated[Quantity, BeforeValidator(_written_short)]


def check_quantities(contract: str, quantities: Mapping[str, Quantity]) -> None:
    """Raise ContractError for all that is wrong with the section of the file `contract`."""
    if len(quantities) > _MOST_QUANTITIES:
        raise ContractError(
            f"{contract}: quantities names {len(quantities)}, and a log has {_MOST_QUANTITIES} at most.\n"
            "Each makes some fifteen features. Keep those that say how much a user does."
        )
    faults = Faults()
    for name, one in quantities.items():
        with faults.collected():
            _check(contract, name, one)
    faults.refuse()


def _check(contract: str, name: str, one: Quantity) -> None:
    key = f"{contract}: quantities.{name}"
    if not _NAME.fullmatch(name):
        raise ContractError(
            f"{key} cannot be named so.\nBegin with a small letter, then small letters, digits or _, 40 at most; "
            "names has the words for people."
        )
    if (one.column is None) == (one.sql is None):
        what = "has neither column nor sql" if one.column is None else "has both column and sql"
        raise ContractError(f"{key} {what}.\nGive the raw column, or SQL over raw columns: one of them.")
    if one.sql is not None:
        sql_of(contract, f"quantities.{name}.sql", one.sql)
