"""Splits on categories, which the exact contributions do not take: found in a booster's text, with their features."""

from collections.abc import Sequence

_CATEGORICAL = 1
"""The lowest bit of LightGBM's `decision_type`."""


def categorical_features(booster_text: str, names: Sequence[str]) -> list[str]:
    """The features that a tree of LightGBM's text splits by category, in the order of `names`."""
    found: set[int] = set()
    features: list[str] = []
    for line in booster_text.splitlines():
        key, _, values = line.partition("=")
        if key == "split_feature":
            features = values.split()
        elif key == "decision_type":
            kinds = zip(features, values.split(), strict=True)
            found |= {int(feature) for feature, kind in kinds if int(kind) & _CATEGORICAL}
    return [name for number, name in enumerate(names) if number in found]
