"""The tables of expected revenue show the model beside each other method, and say why there are none."""

from models.metrics.bootstrap import Bootstrap
from pipeline.evaluation.value_quality import value_section
from pipeline.reporting.value_tables import value_tables
from tests.support.value_rows import fitted, paying_landmarks, periods


def test_the_model_stands_beside_each_other_method() -> None:
    section = value_section(paying_landmarks(), fitted().model, periods().test.first, 0, Bootstrap(20, 1))
    tables = value_tables(section)
    assert tables["methods"][0] == "model"
    assert {"trailing", "own days", "shrunk", "bg nbd gamma gamma"} < {*tables["methods"]}
    assert list(tables["lines"]) == tables["methods"]
    assert tables["lines"]["model"]["ratio"][0] == f"{section['ratio']['value']:.2f}"
    assert " to " in tables["lines"]["model"]["ratio"][1]
    groups = [group["group"] for group in tables["groups"]]
    assert groups == [f"login {part['band']}" for part in section["by_band"]] + ["first 30 days"]
    assert all(len(group["ratios"]) == len(tables["methods"]) for group in tables["groups"])


def test_a_ratio_that_was_not_measured_is_a_dash() -> None:
    section = value_section(paying_landmarks(), fitted().model, periods().test.first, 0, Bootstrap(20, 1))
    nothing = {"ratio": None, "low": None, "high": None, "actual": 0.0}
    section["first_30_days"] |= nothing
    assert value_tables(section)["groups"][-1]["ratios"][0] == ("–", "")  # noqa: RUF001  # as tables have it


def test_without_test_rows_there_are_facts_alone() -> None:
    tables = value_tables({"because": "the log has no amounts"})
    assert set(tables) == {"facts"}
    assert tables["facts"]["because"] == "the log has no amounts"
    assert tables["facts"]["method"] is None
