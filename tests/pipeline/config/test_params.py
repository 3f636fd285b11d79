"""params.yaml: what is unknown, missing or out of range stops the run with the key's full name."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from pipeline.config.params import MOVED, load_params
from pipeline.config.section import section_name
from pipeline.config.sections import Params
from pipeline.errors import InputError
from tests.support.tiny import parameters


def written(tmp_path: Path, **changes: Any) -> Path:
    parameters(tmp_path, **changes)
    return tmp_path / "params.yaml"


def models_of(model: type[BaseModel]) -> list[type[BaseModel]]:
    """`model` and every section in it, however deep."""
    parts = [field.annotation for field in model.model_fields.values()]
    inner = [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
    return [model, *(model_of_part for part in inner for model_of_part in models_of(part))]


def test_the_file_holds_every_value_and_the_models_none() -> None:
    models = models_of(Params)
    assert len(models) > len(Params.model_fields)
    assert all(field.is_required() for model in models for field in model.model_fields.values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"label__horizon_day": 9},
            r"unknown parameter label\.horizon_day = 9\. Known here: cancel, drop, horizon_days, kind, lead_days, new",
        ),
        (
            {"label__horizon_days": 0},
            r"label\.horizon_days = 0 is not allowed\. Input should be greater than or equal to 1",
        ),
        (
            {"label__kind": "drop", "label__horizon_days": 91},
            r"label = .* is not allowed\. .*drop\.usual_days must not lie below the longest horizon, 91 days",
        ),
        (
            {"label__personal": {"times": 2, "quantile": 0.9, "least_days": 9, "most_days": 8}},
            r"label\.personal = .* least_days must not lie above most_days = 8",
        ),
        (
            {"label__drop": {"share": 0.5, "usual": 9}},
            r"unknown parameter label\.drop\.usual = 9\. Known here: share, usual_days",
        ),
        ({"engine__kind": "cluster"}, r"engine\.kind = 'cluster' is not allowed"),
        ({"log__ends_on": "soon"}, r"log\.ends_on = 'soon' is not allowed"),
        (
            {"risk_bands__medium_from": 0.6},
            r"risk_bands = .* is not allowed\. .*medium_from must lie below high_from = 0\.5",
        ),
        ({"split__test_share": 1.0}, r"split\.test_share = 1\.0 is not allowed"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        load_params(written(tmp_path, **change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train__origins": 3}, r"unknown parameter train\.origins = 3\. It is split\.origins now\.$"),
        ({"train__min_rows": 9}, r"unknown parameter train\.min_rows = 9\. It is split\.min_rows now\.$"),
        (
            {"score": {"high_from": 0.5, "medium_from": 0.2}},
            r"score\.high_from = 0\.5\. It is risk_bands\.high_from now\.\n.*score\.medium_from = 0\.2\. It is risk_b",
        ),
        (
            {"score": {"holdout_share": 0.1, "arm_key": "old"}},
            r"score\.arm_key = 'old'\. It is holdout\.key now\.\n.*score\.holdout_share = 0\.1\. It is holdout\.share",
        ),
        (
            {"score": {"low": 1}},
            r"unknown parameter score\.low = 1\. Known here: business, campaign, contacts, costs, define, drift, .*",
        ),
    ],
)
def test_a_key_of_an_earlier_version_is_refused_with_its_new_place(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        load_params(written(tmp_path, **change))


def test_every_key_that_moved_is_gone_and_its_new_place_is_there() -> None:
    def exists(key: str) -> bool:
        section, _, name = key.partition(".")
        model = {section_name(one): one for one in models_of(Params)}.get(section)
        return model is not None and name in model.model_fields

    assert [key for key in MOVED if exists(key)] == []
    assert [key for key in MOVED.values() if not exists(key)] == []


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text("utf-8").replace("lead_days: 0", ""), "utf-8")
    with pytest.raises(InputError, match=r"parameter label\.lead_days is missing"):
        load_params(path)


def test_a_file_that_is_no_yaml_or_absent_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("log: [", "utf-8")
    with pytest.raises(InputError, match=r"bad\.yaml: not readable as YAML"):
        load_params(tmp_path / "bad.yaml")
    with pytest.raises(InputError, match=r"none\.yaml: there is no such file"):
        load_params(tmp_path / "none.yaml")
    (tmp_path / "list.yaml").write_text("- 1", "utf-8")
    with pytest.raises(InputError, match="expected sections such as `log:`, found list"):
        load_params(tmp_path / "list.yaml")
