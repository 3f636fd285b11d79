"""A style's name and sentence are those of the dimensions in which its users differ."""

import numpy as np

from models.segmentation.style_names import RISK, WORDS, style_names, style_says

DIMENSIONS = ("rhythm", "progress", "social")
CENTRES = np.array([[3.0, -1.0, -2.0], [-2.0, 3.0, -1.0], [-1.0, -2.0, 3.0]])


def test_names_say_who_is_in_danger_and_where_there_is_no_warning_sign() -> None:
    assert style_names(CENTRES, DIMENSIONS) == [
        "Rare visitors, contacts fine",
        "Stuck users, visits fine",
        "Isolated users, progress fine",
    ]
    assert style_names(np.array([[0.3, -0.2, 0.1], [0.1, -0.6, 0.3]]), DIMENSIONS) == [
        "Rare visitors",
        "No warning sign in progress",
    ]


def test_no_two_names_are_alike() -> None:
    assert style_names(np.zeros((2, 3)), DIMENSIONS) == ["Average users", "Average users (2)"]
    close = np.array([[3.0, -2.0, -1.0], [3.0, -2.0, 1.0]])
    assert style_names(close, DIMENSIONS) == [
        "Rare visitors, progress and contacts fine",
        "Rare visitors with few contacts, progress fine",
    ]


def test_a_style_says_what_raises_the_risk_before_what_keeps() -> None:
    assert style_says(np.array([1.0, -0.5, 0.3]), DIMENSIONS) == (
        "What raises their risk above that of peers: coming seldom or irregularly; few contacts with others. "
        "What lowers it: their progress."
    )
    assert style_says(np.zeros(3), DIMENSIONS).startswith("Nothing raises their risk")
    assert set(WORDS) == set(RISK)
