"""Styles: groups of users with similar profiles, whatever their total risk.

Promise: the same profiles give the same styles. A style says how its users leave, not how likely.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from models import artefacts
from models.arrays import Floats, Ints
from models.errors import DataError

LARGEST = 3.0
"""Standard deviations at which a score is cut: one extreme dimension does not make a style."""
_FIT_USERS = 50_000
_SILHOUETTE_USERS = 5_000
_STARTS = 3
_LEAST_USERS = 10


@dataclass(frozen=True, slots=True)
class Styles:
    """Centres of styles (styles, dimensions) in shape scores; `silhouette` by number of styles tried.

    `stability`: mean adjusted Rand index of the styles and those of bootstrap samples (1: identical).
    `unstable`: the same index by number of styles, for numbers that have a larger silhouette but were too unstable.
    """

    dimensions: tuple[str, ...]
    centres: Floats
    silhouette: Mapping[int, float]
    stability: float
    unstable: Mapping[int, float] = field(default_factory=dict)

    def of(self, shapes: Floats) -> Ints:
        """(rows,) position of the style nearest to each of `shapes` (rows, dimensions)."""
        distances = [
            ((shapes - centre) ** 2).sum(axis=1) for centre in self.centres
        ]  # one at a time saves memory
        return np.asarray(np.argmin(distances, axis=0), dtype=np.int64)


def shapes_of(scores: Floats) -> Floats:
    """The shape of each row's standardised dimension scores (rows, dimensions): its level of risk taken out.

    Scores are cut at 3, and the row's mean is subtracted. So a shape says which dimensions raise the risk more or
    less than the same user's other dimensions. A dimension that is 0 for all rows stays 0 and is not counted.
    """
    cut = np.clip(scores, -LARGEST, LARGEST)
    known = cut.any(axis=0)
    level = cut.sum(axis=1, keepdims=True) / max(1, known.sum())
    return np.asarray((cut - level) * known, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class NamedStyles:
    """Styles and the name of each, in the order of their centres."""

    styles: Styles
    names: tuple[str, ...]


def fit_styles(
    shapes: Floats,
    dimensions: Sequence[str],
    *,
    least: int,
    most: int,
    bootstrap: int,
    seed: int,
    least_stability: float = 0.0,
) -> Styles:
    """K-means (scikit-learn) with the stable k from `least` to `most` of largest mean silhouette (Rousseeuw 1987).

    A k is stable when `bootstrap` resamplings reproduce its styles with a mean adjusted Rand index of at least
    `least_stability` (Hennig 2007; 0.8 is a good recovery in Steinley 2004). If no k is stable, the most stable one
    is used. Fitted to at most 50,000 rows drawn at random, evaluated on 5,000. Styles are in order of size. Their
    number is bounded: at least ten rows per style on average, and fewer styles than distinct rows. If the bound is
    below `least`, there is one style.
    """
    with threadpool_limits(1):  # sums depend on the number of threads, and threads that wait spin
        rng = np.random.default_rng(seed)
        fitted = _drawn(rng, shapes, _FIT_USERS)
        sample = _drawn(rng, fitted, _SILHOUETTE_USERS)
        distinct = len(np.unique(fitted.round(9), axis=0))
        most = min(most, distinct - 1, len(fitted) // _LEAST_USERS)
        if most < least:
            return Styles(tuple(dimensions), fitted.mean(axis=0, keepdims=True), {}, 1.0)
        models = {k: _k_means(fitted, k, seed) for k in range(least, most + 1)}
        silhouette = {k: _silhouette(sample, model) for k, model in models.items()}
        tried: dict[int, float] = {}
        for k in sorted(silhouette, key=lambda one: -silhouette[one]):
            tried[k] = _stability(rng, fitted, sample, models[k], bootstrap, seed)
            if tried[k] >= least_stability:
                break
        k = max(tried, key=lambda one: (tried[one] >= least_stability, tried[one]))
        largest_first = np.argsort(-np.bincount(models[k].labels_, minlength=k), kind="stable")
        centres = models[k].cluster_centers_[largest_first]
        passed = {one: value for one, value in tried.items() if one != k}
        return Styles(tuple(dimensions), centres, silhouette, tried[k], passed)


@dataclass(frozen=True, slots=True)
class _StyleInFile:
    """The part of one style in styles.json that is read; its other keys are for people."""

    centre: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """The part of styles.json that is read."""

    dimensions: tuple[str, ...]
    styles: tuple[_StyleInFile, ...]
    silhouette: Mapping[int, float]
    stability: float


def from_json(value: Any) -> Styles:
    """The styles that styles.json holds. Raises DataError when it is no set of styles."""
    file = artefacts.from_json(_File, value, "styles")
    sizes = sorted({len(style.centre) for style in file.styles})
    if sizes != [len(file.dimensions)]:
        raise DataError(f"styles: centres of {sizes} dimensions, where {len(file.dimensions)} are named.")
    centres = np.array([style.centre for style in file.styles], dtype=np.float64)
    if not np.isfinite(centres).all():
        raise DataError("styles: a centre that is not finite.")
    return Styles(file.dimensions, centres, file.silhouette, file.stability)


def _k_means(shapes: Floats, k: int, seed: int) -> KMeans:
    return KMeans(k, n_init=_STARTS, random_state=seed).fit(shapes)


def _stability(
    rng: np.random.Generator, fitted: Floats, sample: Floats, model: KMeans, bootstrap: int, seed: int
) -> float:
    """The mean adjusted Rand index, on `sample`, of `model` with models of resampled rows."""
    labels, k = model.predict(sample), model.n_clusters
    again = [_k_means(fitted[rng.integers(0, len(fitted), len(fitted))], k, seed) for _ in range(bootstrap)]
    return float(np.mean([adjusted_rand_score(labels, one.predict(sample)) for one in again]))


def _silhouette(sample: Floats, model: KMeans) -> float:
    labels = model.predict(sample)
    return float(silhouette_score(sample, labels)) if len(np.unique(labels)) > 1 else -1.0


def _drawn(rng: np.random.Generator, rows: Floats, most: int) -> Floats:
    """`rows`, or a random sample of `most` of them, in their order."""
    if len(rows) <= most:
        return rows
    return rows[np.sort(rng.choice(len(rows), most, replace=False))]
