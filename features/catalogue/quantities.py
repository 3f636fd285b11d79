"""The quantities of a log, such as points or seconds watched: how much, how often, and against the user's own usual.

Promise: what a quantity speaks of follows from its form and side in the contract, never from its name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from features.catalogue.kinds import Theme
from features.contract.quantities import SCALE, Quantity
from features.define import Feature, before, last_known, life, most, past, ratio, since, today, usual_most
from features.names import (
    OF_QUANTITIES,
    Nouns,
    Words,
    gain_measure,
    last_state,
    quantity_column,
    record_measure,
    top_measure,
    values_measure,
    words_of,
)

_THEMES: Mapping[str, Theme] = {
    "low": Theme("intensity", "DOES_LESS", "low"),
    "high": Theme("satisfaction", "UNHAPPY", "high"),  # waiting times, errors
    "either": Theme("intensity", "DOES_LESS", "either"),
}


def quantity_features(
    quantities: Mapping[str, Quantity], names: Mapping[str, Words], nouns: Nouns
) -> Iterable[Feature]:
    """The features of these quantities. `names`: the words for them; `nouns`: those for what every log has."""
    for name, one in quantities.items():
        words = words_of(name, names)
        made = _Made(name, words, nouns, _THEMES[one.worse])
        yield from made.of_level() if one.is_level else made.of_total()


@dataclass(frozen=True, slots=True)
class _Made:
    """The features of the quantity `name`."""

    name: str
    words: Words
    nouns: Nouns
    theme: Theme

    @property
    def _of_progress(self) -> Theme:
        """What a level or a record speaks of: progress, unless much of the quantity is bad."""
        worse = self.theme.worse
        return self.theme if worse == "high" else Theme("progress", "STUCK", worse)

    def of_total(self) -> Iterable[Feature]:
        """Sums of days, single values, and both against what is usual."""
        total, top, many = quantity_column(self.name), top_measure(self.name), self.words.many
        visit, usual = self.nouns.visit, ratio(life(total), life("logins"))
        yield self._amount(
            "today",
            today(total) / SCALE,
            f"{{value:.0f}} {many} on the login day",
            f"no {many} on the login day",
        )
        for days in (7, 30, 90):
            yield self._amount(
                f"{days}d",
                past(total, days) / SCALE,
                f"{{value:.0f}} {many} in the last {days} days",
                f"no {many} in the last {days} days",
                goal=f"reach {{more:{self.words.one}|{many}}} {{when}}",
            )
        yield self._amount(
            "life", life(total) / SCALE, f"{{value:.0f}} {many} in all", f"no {many} in all", own=False
        )
        yield self._rate(
            "per_login_day_30d",
            ratio(past(total, 30), past("logins", 30)) / SCALE,
            f"{many} per login day",
            f"{{value:.1f}} {many} per {visit.one} in the last 30 days",
        )
        yield self._rate(
            "each_30d",
            ratio(past(total, 30), past(values_measure(self.name), 30)) / SCALE,
            f"{many} per event",
            f"{{value:.1f}} {many} each time in the last 30 days",
            f"no {many} in the last 30 days",
        )
        yield self._rate(
            "last", last_known(last_state(self.name)), f"{many} per event", f"{{value:.0f}} {many} the last time",
            f"no {many} so far",
        )  # fmt: skip
        yield self._ratio(
            "today_to_usual", _against(today(total), usual), "on the login day than usual",
            "on the login day, but some before",
            "so far",
        )  # fmt: skip
        for days in (7, 30):
            yield self._ratio(
                f"trend_{days}d",
                _against(past(total, days), before(total, days)),
                f"in the last {days} days than in the {days} days before",
                f"in the last {days} days, but some in the {days} days before",
                f"in the {days} days before the last {days} days",
            )
        yield self._ratio(
            "each_30d_to_usual",
            _against(
                ratio(past(total, 30), past(values_measure(self.name), 30)),
                ratio(life(total), life(values_measure(self.name))),
            ),
            "each time in the last 30 days than on average",
            "each time in the last 30 days, but some before",
            "in the last 30 days",
        )
        yield self._amount(
            "most", most(top) / SCALE, f"{{value:.0f}} {many} at most at once", f"never any {many}", own=False
        )
        yield self._ratio(
            "top_to_usual_top",
            _against(today(top), usual_most(top)),
            "at once on the login day than on the best of the other days",
            "on the login day, but some before",
            "before the login day",
        )
        yield self._since(
            record_measure(self.name),
            "days_since_{}_record",
            f"most {many} at once {{value:.0f}} days before the login",
            f"no record of {many} yet",
        )

    def of_level(self) -> Iterable[Feature]:
        """The last value, and its rises."""
        what, gain, theme = self.words.one, gain_measure(self.name), self._of_progress
        yield Feature(
            name=f"{OF_QUANTITIES}{self.name}_last",
            value=last_known(last_state(self.name)),
            dimension=theme.dimension,
            form="score",
            worse=theme.worse,
            cause=theme.cause,
            unit="level",
            says=f"{what} at {{value:.1f}}, usually {{own:.1f}}",
            says_missing=f"no {what} known yet",
        )
        for days in (7, 30):
            yield Feature(
                name=f"{OF_QUANTITIES}{self.name}_gain_{days}d",
                value=past(gain, days) / SCALE,
                dimension=theme.dimension,
                form="count",
                worse=theme.worse,
                cause=theme.cause,
                unit=what,
                says=f"{what} rose by {{value:.0f}} in the last {days} days, usually by {{own:.1f}}",
                says_zero=f"{what} did not rise in the last {days} days",
            )
        yield self._since(
            gain,
            "days_since_{}_gain",
            f"last rise of {what} {{value:.0f}} days before the login",
            f"no rise of {what} so far",
        )

    def _amount(
        self, name: str, value: pl.Expr, says: str, none: str, *, own: bool = True, goal: str = ""
    ) -> Feature:
        low = self.theme.worse == "low"
        return Feature(
            name=f"{OF_QUANTITIES}{self.name}_{name}",
            value=value,
            dimension=self.theme.dimension,
            form="count",
            worse=self.theme.worse,
            cause="LITTLE_SO_FAR" if low and not own else self.theme.cause,
            unit=self.words.many,
            says=says + (", usually {own:.1f}" if own else ""),
            says_zero=none,
            actionable=low,
            goal=goal if low else "",
        )

    def _rate(self, name: str, value: pl.Expr, unit: str, says: str, missing: str = "") -> Feature:
        return Feature(
            name=f"{OF_QUANTITIES}{self.name}_{name}",
            value=value,
            dimension=self.theme.dimension,
            form="rate",
            worse=self.theme.worse,
            cause=self.theme.cause,
            unit=unit,
            says=f"{says}, usually {{own:.1f}}",
            says_missing=missing,
            actionable=self.theme.worse == "low",
        )

    def _ratio(self, name: str, value: pl.Expr, than: str, zero: str, missing: str) -> Feature:
        many = self.words.many
        return Feature(
            name=f"{OF_QUANTITIES}{self.name}_{name}",
            value=value,
            dimension=self.theme.dimension,
            form="ratio",
            worse=self.theme.worse,
            cause=self.theme.cause,
            unit="ratio",
            says=f"{{value:more|fewer}} {many} {than}",
            says_zero=f"no {many} {zero}",
            says_missing=f"no {many} {missing}",
        )

    def _since(self, measure: str, name: str, says: str, never: str) -> Feature:
        theme = self._of_progress
        return Feature(
            name=name.format(f"{OF_QUANTITIES}{self.name}"),
            value=since(measure),
            dimension=theme.dimension,
            form="days_since",
            worse="high" if theme.worse == "low" else "either",
            cause=theme.cause,
            unit="days",
            says=says,
            says_missing=never,
        )


def _against(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """`part / whole`, at least 0; missing where `whole` is 0 or below, as gains and losses may add up to."""
    return pl.when(whole > 0).then(pl.max_horizontal(part / whole, pl.lit(0.0)))
