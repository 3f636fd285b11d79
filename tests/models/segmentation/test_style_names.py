"""A style's name and sentence are those of the dimensions in which its users differ."""

import numpy as np

from models.segmentation.style_names import RISK, WORDS, style_names, style_says

DIMENSIONS = ("rhythm", "progress", "social")
CENTRES = np.array([[3.0, -1.0, -2.0], [-2.0, 3.0, 0.6], [-1.0, -2.0, 0.3]])
TOLD = np.ones((3, 3))


def test_names_say_from_what_the_risk_comes() -> None:
    assert style_names(CENTRES, DIMENSIONS, TOLD) == [
        "Risk from rare visits",
        "Risk from being stuck and few contacts",
        "Risk from few contacts",
    ]
    assert style_names(np.array([[0.2, -0.2, 0.1], [0.1, 0.6, 0.3]]), DIMENSIONS, TOLD[:2]) == [
        "Mixed risks",
        "Risk from being stuck",
    ]


def test_what_cannot_be_told_to_most_users_of_a_style_does_not_name_it() -> None:
    told = np.array([[0.4, 0.4, 1.0], [1.0, 0.4, 1.0], [1.0, 1.0, 0.4]])
    assert style_names(CENTRES, DIMENSIONS, told) == [
        "Mixed risks, little from progress",
        "Risk from few contacts",
        "Mixed risks",
    ]


def test_no_two_names_are_alike() -> None:
    assert style_names(np.zeros((2, 3)), DIMENSIONS, TOLD[:2]) == ["Mixed risks", "Mixed risks (2)"]
    close = np.array([[3.0, -2.0, -1.0], [3.0, -2.0, 1.0], [3.0, 0.2, -1.0]])
    untold = np.array([[1.0, 0.2, 0.2], [1.0, 0.2, 0.4], [1.0, 1.0, 1.0]])
    assert style_names(close, DIMENSIONS, untold) == [
        "Risk from rare visits, little from progress and contacts",
        "Risk from rare visits, little from progress",
        "Risk from rare visits",
    ]


def test_of_two_like_styles_one_says_what_some_of_its_users_leave_for() -> None:
    alike = np.array([[0.0, 0.0, 0.0], [0.1, 0.2, 0.0]])
    some = np.array([[0.0, 0.0, 0.0], [0.3, 0.1, 0.0]])
    assert style_names(alike, DIMENSIONS, some) == ["Mixed risks", "Mixed risks, some from rare visits"]


def test_a_style_says_what_raises_the_risk_before_what_keeps() -> None:
    assert style_says(np.array([1.0, -0.5, 0.3]), DIMENSIONS, TOLD[0]) == (
        "What raises their risk above that of peers: coming seldom or irregularly; few contacts with others. "
        "What lowers it: their progress."
    )
    assert style_says(np.array([1.0, 0.0, 0.0]), DIMENSIONS, np.zeros(3)).startswith(
        "Nothing raises their risk"
    )
    assert set(WORDS) == set(RISK)
