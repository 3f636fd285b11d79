"""Does one column alone predict the label? That is more often a leak than a discovery."""

import math
from collections.abc import Collection, Sequence

import polars as pl

from models.checks.check import Check
from models.thinning import step_to_at_most

_MOST_ROWS = 200_000
_SHOWN = 5
_LAST = "@last"
_LEAST_LAST = 50  # with fewer, one of many features may predict the last login by chance


def single_feature_auc(rows: pl.DataFrame, features: Sequence[str]) -> dict[str, float]:
    """How well each feature alone separates churned from returned rows: the AUC, at least 0.5 by orientation.

    `rows`: ripe, with `churned` (bool) and the features (missing = NaN). The AUC is the
    largest of three: missing values below all others, above all others, or missing against known. Computed from
    ranks, as the Mann-Whitney statistic. NaN when there is one class only.
    """
    churned = pl.col("churned")
    lost, stayed = int(rows["churned"].sum()), int((~rows["churned"]).sum())
    if lost == 0 or stayed == 0 or not features:
        return dict.fromkeys(features, math.nan)
    counted = []
    for name in features:
        value = pl.col(name).fill_nan(None)
        ranks, known = value.rank("average").filter(churned).sum(), value.is_not_null()
        parts = pl.struct(
            ranks.cast(pl.Float64).alias("ranks"),
            (known & churned).sum().cast(pl.Float64).alias("lost"),
            (known & ~churned).sum().cast(pl.Float64).alias("stayed"),
        )
        counted.append(parts.alias(name))
    row = rows.select(counted).row(0, named=True)
    return {name: _auc_from_ranks(**row[name], all_lost=lost, all_stayed=stayed) for name in features}


def check_leak(
    rows: pl.DataFrame, features: Sequence[str], outside: Collection[str], leak_auc: float
) -> Check:
    """Whether a feature alone has an AUC above `leak_auc` on the ripe rows (sorted by user and day).

    A feature of `outside` (attributes, external tables and calendars) stops the run: such a value may have been written
    after the outcome. The others come from the user's own events up to the login, and warn: an honest rhythm can be
    that telling.
    Two targets are tried: the label, and whether the login is the user's last in the log. A table with each user's
    last session leaks the second one, and predicts the label less well, since users who return late churn, too. The AUC
    is the smaller one of the earlier and the later half of the rows' days, so that chance in one period is no leak. Of
    more than 200,000 ripe rows, every n-th is used.
    """
    last = (pl.col("user_id") != pl.col("user_id").shift(-1)).fill_null(value=True)
    ripe = (
        rows.with_columns(last.alias(_LAST)).filter("ripe").select("login_day", "churned", _LAST, *features)
    )
    part = ripe.gather_every(step_to_at_most(ripe.height, _MOST_ROWS))
    aucs = {name: auc for name, auc in _out_of_time(part, features).items() if not math.isnan(auc)}
    best = sorted(aucs.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    telling = sorted(name for name, auc in aucs.items() if auc > leak_auc)
    leaks = [name for name in telling if name in outside]
    figures = {
        "rows": part.height,
        "features": len(features),
        "most_telling": {name: round(auc, 4) for name, auc in best},
        "suspected": leaks,
        "own_behaviour": [name for name in telling if name not in outside],
        "stop_above": leak_auc,
    }
    if not best:
        return Check("leak", "pass", figures, "There is no feature to check, or only one class.")
    if not telling:
        says = (
            "No single feature predicts the label, or the user's last login in the log, too well: the best, "
            f"{best[0][0]}, has an AUC of {best[0][1]:.3f}."
        )
        return Check("leak", "pass", figures, says)
    suspects = ", ".join(f"{name} (AUC {aucs[name]:.3f})" for name in leaks or telling)
    if not leaks:
        return Check(
            "leak", "warn", figures,
            f"{suspects}: a single feature above {leak_auc:g}, from the user's own events up to the login.",
            "The rhythm of users can be that telling. Make sure that times in the log are those of the events, and "
            "that no kind of event is written because a user left.",
        )  # fmt: skip
    return Check(
        "leak", "stop", figures,
        f"{suspects}: a single feature above {leak_auc:g} suggests that its value was written after the outcome.",
        "Find out when this value becomes known, and date it so, or leave its column out of the contract; "
        "if the value is known at the login, raise readiness.leak_auc.",
    )  # fmt: skip


def _out_of_time(rows: pl.DataFrame, features: Sequence[str]) -> dict[str, float]:
    """By feature the smaller AUC of two periods; of all rows where a period has one class only."""
    middle = rows["login_day"].median()
    if middle is None:  # no ripe row
        return _best_of_targets(rows, features)
    early = rows["login_day"] <= middle
    periods = [_best_of_targets(period, features) for period in (rows.filter(early), rows.filter(~early))]
    if any(math.isnan(auc) for period in periods for auc in period.values()):
        return _best_of_targets(rows, features)
    return {name: min(period[name] for period in periods) for name in features}


def _best_of_targets(rows: pl.DataFrame, features: Sequence[str]) -> dict[str, float]:
    alone = single_feature_auc(rows, features)
    if not _LEAST_LAST <= int(rows[_LAST].sum()) <= rows.height - _LEAST_LAST:
        return alone
    ends = single_feature_auc(rows.select(pl.col(_LAST).alias("churned"), *features), features)
    return {name: max(auc, ends[name]) for name, auc in alone.items()}


def _auc_from_ranks(ranks: float, lost: float, stayed: float, all_lost: int, all_stayed: int) -> float:
    """From the sum of ranks of the lost among the rows with a value, and how many of each have one."""
    concordant = ranks - lost * (lost + 1) / 2
    no_lost, no_stayed = all_lost - lost, all_stayed - stayed
    tied = no_lost * no_stayed / 2
    below = concordant + lost * no_stayed + tied
    above = concordant + no_lost * stayed + tied
    missing = lost * stayed / 2 + no_lost * stayed + tied
    pairs = all_lost * all_stayed
    return max(max(area, pairs - area) for area in (below, above, missing)) / pairs
