"""The schema of login rows: features are those that a caller names."""

import numpy as np
import pytest

from models.errors import DataError
from models.rows import ROW_COLUMNS, feature_matrix
from tests.support.rows import FEATURES, made_up

ROWS = made_up(users=50)


def test_keys_and_labels_are_the_columns_beside_the_features() -> None:
    assert {*ROWS.columns} - {*FEATURES} == {*ROW_COLUMNS}


def test_a_feature_that_the_model_needs_is_missed_by_name() -> None:
    with pytest.raises(DataError, match=r"1 of 2 features that the model needs are missing: gone"):
        feature_matrix(ROWS, ["stay", "gone"])
    assert np.isnan(feature_matrix(ROWS, ["stay"])).any()


def test_without_a_feature_there_is_nothing_to_fit() -> None:
    with pytest.raises(DataError, match="no feature is named"):
        feature_matrix(ROWS, [])
