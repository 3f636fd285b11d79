"""Countries as ISO codes, from the names in a log or a table."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

import holidays
import polars as pl

NO_NAMES: Mapping[str, str] = MappingProxyType({})


def country_code(name: str, names: Mapping[str, str] = NO_NAMES) -> str | None:
    """The ISO 3166 code (two letters) of a country written as a code or as its English name; None when unknown.

    `names`: the codes of the log's own names; they have priority.

    >>> country_code("United Kingdom"), country_code("de"), country_code("USA"), country_code("Unspecified")
    ('GB', 'DE', 'US', None)
    >>> country_code("eire", {"EIRE": "IE"})
    'IE'
    """
    code_of = {_key(written): code for written, code in names.items()}
    code = code_of.get(_key(name), name)
    return _codes().get(_key(code))


def country_name(code: str) -> str:
    """The English name of the country with this ISO 3166 code; what is no such code stays as it is.

    >>> country_name("TR"), country_name("GB"), country_name("Atlantis")
    ('Turkey', 'United Kingdom', 'Atlantis')
    """
    return _names().get(code, code)


def as_codes(countries: pl.Series, names: Mapping[str, str] = NO_NAMES) -> pl.Series:
    """`countries` as codes; a name that the package `holidays` does not know stays unchanged."""
    written = countries.drop_nulls().unique()
    codes = [country_code(name, names) or name for name in written]
    return countries.replace(written, pl.Series(codes, dtype=pl.String))


def unrecognised_countries_of(countries: Iterable[str], names: Mapping[str, str] = NO_NAMES) -> list[str]:
    """The `countries` without a code, each once, in order."""
    return sorted({name for name in countries if country_code(name, names) is None})


def _key(name: str) -> str:
    return "".join(name.split()).replace("_", "").casefold()


@cache
def _codes() -> dict[str, str]:
    """Code of two letters by code of two or three letters and by name, as `_key` writes them."""
    known: dict[str, str] = {}
    for name, (_, code, *aliases) in holidays.registry.COUNTRIES.items():
        written = (name, code, *(alias for alias in aliases if len(alias) <= 3))
        known |= {_key(one): str(code) for one in written}
    return known


@cache
def _names() -> dict[str, str]:
    """Name by code of two letters: the package writes it as `UnitedKingdom`."""
    return {
        str(code): re.sub("(?<=[a-z])(?=[A-Z])", " ", name_of_class)
        for name_of_class, code, *_ in holidays.registry.COUNTRIES.values()
    }
