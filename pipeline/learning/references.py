"""The reference distributions of a trained model: its features and its probabilities at the time of training."""

from collections.abc import Iterable, Sequence

import polars as pl

from models.checks.drift import References, periods_of, reference_of
from models.thinning import step_to_at_least

_REFERENCE_ROWS = 100_000
_SCORE_PERIODS = 2  # older out-of-time probabilities come from other models


def references_of(
    fitted: pl.DataFrame,
    scored: pl.DataFrame,
    features: Sequence[str],
    window_days: int,
    kinds: Iterable[str],
    tells: Iterable[str],
) -> References:
    """The references of the features on the `fitted` rows, and of `probability` on the `scored` rows.

    Periods of one label window (`window_days`) show the usual change over time. At most 100,000 rows are used: of
    more, every n-th.
    """
    rows = fitted.gather_every(step_to_at_least(fitted.height, _REFERENCE_ROWS))
    periods, period = periods_of(rows, window_days)
    score_periods, score_period = periods_of(scored, window_days, _SCORE_PERIODS)
    count = len(periods.users)
    return References(
        periods=periods,
        score_periods=score_periods,
        score=reference_of(scored["probability"].to_numpy(), score_period, len(score_periods.users)),
        features={
            name: reference_of(rows[name].cast(pl.Float32).to_numpy(), period, count) for name in features
        },
        kinds=tuple(kinds),
        tells=tuple(tells),
    )
