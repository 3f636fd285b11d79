"""Prices and purchases: prices are set in euro and paid in the user's own currency.

The shop's prices are fixed in EUR. Each currency has a list price, revised on the first of a month,
and at once when the ECB rate has moved by more than REVISED_AT. A user gets used to a price slowly
(habit_price). When the user's currency falls, the list price rises above the habit: the price shock.
It makes users buy less often and cheaper things, ask for refunds, and leave.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from currency_converter import CurrencyConverter

from pipeline.demo.arrays import NEVER, AnyArray, Floats, Ints
from pipeline.demo.draws import Draws
from pipeline.demo.world.clock import BURN_IN_DAYS, Clock
from pipeline.demo.world.countries import CURRENCIES, WITHOUT_CENTS
from pipeline.demo.world.state import World

PRICES_EUR = np.array([0.99, 2.99, 4.99, 9.99, 19.99, 49.99])
SUBSCRIPTION_EUR = 7.99
SUBSCRIPTION_DAYS = 30
REVISED_AT = 0.08
_FULL_SHOCK = 0.15
"""Log of price over habit at which the shock is 1."""
HABIT_DAYS = 45.0
"""Days after which 63 % of a price change feels normal."""


def list_prices(clock: Clock, until: int) -> Floats:
    """(days from the burn-in to before day `until`, currencies): the list price of one euro's worth on each day."""
    converter = _converter()
    rows: list[list[float]] = []
    for day in range(-BURN_IN_DAYS, until):
        today = clock.date_of(day)
        known = today - timedelta(days=1)
        rates = [float(converter.convert(1, "EUR", currency, date=known)) for currency in CURRENCIES]
        if not rows or today.day == 1:
            rows.append(rates)
        else:
            rows.append([_revised(old, rate) for old, rate in zip(rows[-1], rates, strict=True)])
    return np.array(rows)


def euro_rates(clock: Clock, first: int, until: int) -> Floats:
    """(days from `first` to before `until`, currencies): the ECB's rate of one euro on each day, or the last one."""
    converter = _converter()
    days = [clock.date_of(day) for day in range(first, until)]
    return np.array(
        [[float(converter.convert(1, "EUR", one, date=day)) for one in CURRENCIES] for day in days]
    )


def _converter() -> CurrencyConverter:
    return CurrencyConverter(
        fallback_on_wrong_date=True,
        fallback_on_missing_rate=True,
        fallback_on_missing_rate_method="last_known",
    )


def _revised(old: float, rate: float) -> float:
    return rate if abs(rate / old - 1) > REVISED_AT else old


def feel(world: World, who: Ints, price: Floats, away: Floats) -> Floats:
    """The price shock of `who` today, 0..1.5, after `away` days; habit prices move."""
    habit = np.where(world.habit_price[who] > 0, world.habit_price[who], price)
    habit = habit + (price - habit) * -np.expm1(-away / HABIT_DAYS)
    world.habit_price[who] = habit
    return np.clip(np.log(price / habit) / _FULL_SHOCK, 0.0, 1.5)


@dataclass(frozen=True, slots=True)
class Trade:
    """What each user buys on a login day."""

    purchases: Ints
    subscriptions: Ints
    refunds: Ints


def trade(draws: Draws, world: World, who: Ints, day: int, wish: Floats, upset: Floats) -> Trade:
    """Purchases at rate `wish`, subscriptions due or begun, refunds for the `upset` (0..1.5)."""
    due = world.renews_on[who] <= day
    cancels = due & (draws.uniform("cancel", who) < np.clip(0.08 + 0.5 * upset, 0.0, 0.9))
    begins = (world.renews_on[who] == NEVER) & (draws.uniform("subscribe", who) < 0.25 * wish)
    paid = (due & ~cancels) | begins
    world.renews_on[who[cancels]] = NEVER
    world.renews_on[who[paid]] = day + SUBSCRIPTION_DAYS
    refunds = (world.last_purchase[who] > 0) & (draws.uniform("refund", who) < 0.004 + 0.08 * upset)
    return Trade(draws.poisson("purchases", who, wish), paid.astype(np.int64), refunds.astype(np.int64))


def purchase_amounts(
    draws: Draws, buyer: Ints, rank: Ints, purse: Floats, price: Floats, currency: AnyArray
) -> Floats:
    """The local price of one purchase each, for each `buyer` with `purse` less what the shock takes off.

    `rank` numbers the purchases of a buyer.
    """
    taste = draws.normal("price", buyer, rank)
    step = np.clip(np.rint(purse + 0.8 * taste), 0, PRICES_EUR.size - 1).astype(np.int64)
    return in_coins(PRICES_EUR[step] * price, currency)


def in_coins(amount: Floats, currency: AnyArray) -> Floats:
    """`amount` rounded to the smallest coin of `currency` (positions in CURRENCIES)."""
    whole = np.isin(currency, [CURRENCIES.index(name) for name in WITHOUT_CENTS])
    return np.where(whole, np.maximum(np.rint(amount), 1.0), np.round(amount, 2))
