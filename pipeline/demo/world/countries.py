"""Where users live: the currency they pay in and the hour of their evening."""

from dataclasses import dataclass

import numpy as np

from pipeline.demo.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Country:
    """One country; `utc_offset` in hours, `share` of the sign-ups."""

    code: str
    currency: str
    utc_offset: int
    share: float


COUNTRIES = (
    Country("DE", "EUR", 1, 0.14),
    Country("FR", "EUR", 1, 0.10),
    Country("US", "USD", -6, 0.16),
    Country("GB", "GBP", 0, 0.09),
    Country("PL", "PLN", 1, 0.09),
    Country("TR", "TRY", 3, 0.14),
    Country("BR", "BRL", -3, 0.09),
    Country("JP", "JPY", 9, 0.07),
    Country("ZA", "ZAR", 2, 0.05),
    Country("HU", "HUF", 1, 0.07),
)
CURRENCIES = tuple(dict.fromkeys(country.currency for country in COUNTRIES))
WITHOUT_CENTS = ("JPY", "HUF")


def shares() -> Floats:
    """Each country's share of the sign-ups."""
    weights = np.array([country.share for country in COUNTRIES])
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def currency_numbers() -> Ints:
    """For each country, the position of its currency in `CURRENCIES`."""
    return np.array([CURRENCIES.index(country.currency) for country in COUNTRIES])


def utc_offsets() -> Floats:
    """For each country, its hours ahead of UTC."""
    return np.array([float(country.utc_offset) for country in COUNTRIES])
