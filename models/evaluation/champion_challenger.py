"""Champion against challenger: how much better the new model is, and whether it takes over.

Promise: no row that either model was fitted to is used. The caller gives predictions of rows later than both
training ranges.
"""

from dataclasses import dataclass

import polars as pl

from models.arrays import Floats
from models.metrics.bootstrap import Bootstrap, Interval, auc_gain, log_loss_gain


@dataclass(frozen=True, slots=True)
class ChampionChallenger:
    """How much better the challenger is than the champion, on the same rows."""

    rows: int
    users: int
    log_loss_gain: Interval
    auc_gain: Interval


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the challenger takes over, and why."""

    promoted: bool
    because: str


def champion_challenger(
    users: pl.Series, churned: Floats, champion: Floats, challenger: Floats, bootstrap: Bootstrap
) -> ChampionChallenger:
    """Compares the probabilities of both models on the same later rows, whose labels are `churned`."""
    return ChampionChallenger(
        rows=len(churned),
        users=users.n_unique(),
        log_loss_gain=log_loss_gain(users, churned, challenger, champion, bootstrap),
        auc_gain=auc_gain(users, churned, challenger, champion, bootstrap),
    )


def decide(compared: ChampionChallenger, *, newer: bool) -> Decision:
    """The rule of promotion, on the gain in log loss with its 95 % interval.

    - Surely better (the interval lies above 0): the challenger takes over.
    - Not surely worse (the interval reaches 0), and the challenger's data ends later: it takes over too,
      because a model grows stale. The next challenger meets the same rule.
    - Otherwise the champion stays.
    """
    gain = compared.log_loss_gain
    value, low, high = gain.value, gain.low, gain.high
    if value is None or low is None or high is None:
        return Decision(promoted=False, because="the two models could not be compared")
    gained = f"log loss {-value:+.4f} against the champion's (95 % interval {-high:+.4f} to {-low:+.4f})"
    if low > 0:
        return Decision(promoted=True, because=f"{gained}: surely better")
    if high < 0:
        return Decision(promoted=False, because=f"{gained}: surely worse")
    if newer:
        return Decision(promoted=True, because=f"{gained}: not surely worse, and fitted on newer data")
    return Decision(promoted=False, because=f"{gained}: not surely better, and not fitted on newer data")
