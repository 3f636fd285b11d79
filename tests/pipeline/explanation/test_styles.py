"""A style that matches a former one keeps its name. A new one never takes a former name. Moves are reported."""

import numpy as np
import polars as pl

from features.define import DIMENSIONS
from models.segmentation.styles import NamedStyles, Styles
from pipeline.explanation.styles import as_json, mean_scores, moved, names_of

AXES = np.eye(len(DIMENSIONS)) * 2.0
TOLD = np.ones_like(AXES)


def styles(*axes: int) -> Styles:
    return Styles(DIMENSIONS, AXES[list(axes)], {}, 1.0)


def named(names: dict[str, int]) -> NamedStyles:
    """One style per name, along the axis given."""
    return NamedStyles(styles(*names.values()), tuple(names))


def test_without_former_styles_all_are_new() -> None:
    assert names_of(styles(0, 3), AXES[[0, 3]], TOLD[:2], None, 1.0) == (
        ["Risk from rare visits", "Risk from few contacts"],
        [True, True],
    )


def test_a_match_keeps_its_name_and_a_new_style_says_so_under_a_name_of_its_own() -> None:
    former = named({"the old guard": 3, "Risk from rare visits": 5})
    names, new = names_of(styles(0, 3), AXES[[0, 3]], TOLD[:2], former, 1.0)
    assert (names, new) == (["Risk from rare visits (2)", "the old guard"], [True, False])


def test_what_is_typical_of_a_style_is_told_in_words_of_its_own_users() -> None:
    people = pl.DataFrame(
        {
            "style": ["Loners"] * 20 + ["Others"] * 20,
            "login_probability": [0.5] * 20 + [0.1] * 20,
            "churned": [True, None] * 20,
            "reason_1": ["contacts_7d"] * 40,
            "cause_1": ["ALONE"] * 15 + ["STUCK"] * 5 + [None] * 20,
            "play": ["new_company"] * 15 + ["way_past"] * 5 + ["watch"] * 20,
            "next_step": ["Introduce them."] * 15 + ["Give help."] * 5 + ["Wait."] * 20,
            "style_before": [None] * 40,
        },
        schema_overrides={"style_before": pl.String},
    )
    z_scores = np.zeros((40, len(DIMENSIONS)))
    z_scores[:, DIMENSIONS.index("social")] = [2.0] * 20 + [-2.0] * 20
    scores = mean_scores(styles(3, 0), z_scores, np.repeat([0, 1], 20))
    told = np.ones_like(scores)
    content = as_json(styles(3, 0), ["Loners", "Others"], [True, False], scores, told, people)["styles"]
    assert content[0]["says"].startswith(
        "What raises their risk above that of peers: few contacts with others"
    )
    assert (content[0]["causes"], content[0]["causes_text"]) == (
        ["ALONE", "STUCK"],
        ["has few contacts with others (75%)", "makes no progress (25%)"],
    )
    assert (content[0]["play"], content[0]["next_step"]) == ("new_company", "Introduce them.")
    assert content[1]["says"].endswith("What lowers it: their contacts with others. 50% of them have left.")


def test_a_user_who_was_of_another_style_has_moved() -> None:
    former = named({"the old guard": 3, "narrow": 5})
    shapes = AXES[[3, 5, 5]]
    assert moved(shapes, ["the old guard", "narrow", "the old guard"], former) == [None, None, "narrow"]
    assert moved(shapes, ["a", "b", "c"], None) == [None, None, None]
