"""Why a row's risk is high: the dimensions that raise it most, each told by its strongest feature."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

NO_REASON = -1


def top_reasons(
    contributions: npt.NDArray[np.float64],
    features: Sequence[str],
    dimension_of: Mapping[str, str],
    most: int = 3,
) -> npt.NDArray[np.int64]:
    """For each row the features that speak for its `most` most risk-raising dimensions, worst first.

    `contributions`: (rows, features), log-odds, exact TreeSHAP values. A dimension's weight is the sum of its
    contributions, so that features that tell the same story count once and say it once. Returns (rows,
    most) positions in `features`; NO_REASON where no further dimension raises the risk.
    """
    rows = contributions.shape[0]
    dimensions = sorted({dimension_of[name] for name in features})
    members = {d: [i for i, name in enumerate(features) if dimension_of[name] == d] for d in dimensions}
    weight = np.column_stack([contributions[:, members[d]].sum(axis=1) for d in dimensions])
    speaker = np.column_stack(
        [np.asarray(members[d])[contributions[:, members[d]].argmax(axis=1)] for d in dimensions]
    )
    order = np.argsort(-weight, axis=1, kind="stable")[:, :most]
    each = np.arange(rows)[:, None]
    chosen = np.where(weight[each, order] > 0, speaker[each, order], NO_REASON)
    missing = most - chosen.shape[1]
    return np.pad(chosen, ((0, 0), (0, max(missing, 0))), constant_values=NO_REASON).astype(np.int64)
