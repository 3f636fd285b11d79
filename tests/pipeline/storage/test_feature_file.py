"""What features are is read back as it was written, without contract and catalogue; anything else is refused."""

import json
import math
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from features.catalogue.available import every_feature
from features.define import Feature
from pipeline.errors import InputError
from pipeline.log.contract_file import load_contract
from pipeline.storage.feature_file import read_features, write_features
from pipeline.storage.files import read_json, write_json
from tests.support.paths import CONTRACTS, LOG_CONTRACTS


def catalogue_of(name: str) -> tuple[Feature, ...]:
    return every_feature(load_contract(CONTRACTS / name).sources())


@pytest.mark.parametrize("name", [path.name for path in LOG_CONTRACTS])
def test_every_feature_is_read_back_as_it_was(name: str, tmp_path: Path) -> None:
    features = catalogue_of(name)
    write_features(features, tmp_path / "features.json")
    read_back = read_features(tmp_path / "features.json", "logins")
    for before, after in zip(features, read_back, strict=True):
        assert str(after.value) == str(before.value)
        assert after.value.meta.eq(before.value)
        goals = (before.goal_value, after.goal_value)
        assert goals[0] == goals[1] or all(goal is not None and math.isnan(goal) for goal in goals)
        plain = {"value": before.value, "needs": frozenset[str](), "goal_value": None}
        assert replace(after, **plain) == replace(before, **plain)  # type: ignore[arg-type]


def test_features_of_the_version_before_are_read(tmp_path: Path) -> None:
    """They have neither words for 0 nor a bound."""
    file = tmp_path / "features.json"
    write_features(catalogue_of("demo.yaml"), file)
    added = {"sentence_zero", "stands_out_below"}
    write_json(
        [{key: value for key, value in one.items() if key not in added} for one in read_json(file)], file
    )
    assert {(one.says_zero, one.stands_out_below) for one in read_features(file, "train")} == {("", None)}


def test_a_file_that_is_not_there_or_is_of_another_version_says_what_to_run(tmp_path: Path) -> None:
    file = tmp_path / "features.json"
    with pytest.raises(
        InputError, match=r"features\.json: there is no such file\.\nMake it: dvc repro logins"
    ):
        read_features(file, "logins")
    write_features(catalogue_of("cdnow.yaml")[:2], file)
    first, second = read_json(file)
    write_json([first, {**second, "colour": "red"}], file)
    with pytest.raises(
        InputError,
        match=r"as this version writes them: 1\.colour: Extra inputs[^\n]*\nMake it again: dvc repro train$",
    ):
        read_features(file, "train")
    write_json({}, file)
    with pytest.raises(InputError, match="this version writes them: Input should be a valid tuple\n"):
        read_features(file, "train")
    write_json([{**first, "made_of": {"Column": 3}}], file)
    with pytest.raises(InputError, match=f"made_of of {first['name']}: could not deserialize"):
        read_features(file, "train")


@pytest.mark.filterwarnings("ignore::polars.exceptions.PolarsInefficientMapWarning")
def test_an_expression_that_runs_code_is_neither_written_nor_read(tmp_path: Path) -> None:
    file = tmp_path / "features.json"
    honest = catalogue_of("cdnow.yaml")[0]
    function = pl.col("logins").map_elements(lambda logins: logins + 1, return_dtype=pl.Int64)
    with pytest.raises(ValidationError, match="AnonymousFunction runs code of its own"):
        write_features([replace(honest, value=function)], file)
    write_features([honest], file)
    (stored,) = read_json(file)
    plugin = {"Function": {"input": [stored["made_of"]], "function": {"FfiPlugin": {"lib": "evil.so"}}}}
    for made_of in (json.loads(function.meta.serialize(format="json")), plugin):
        write_json([{**stored, "made_of": made_of}], file)
        with pytest.raises(
            InputError, match=r"this version writes them: 0\.made_of: .* runs code of its own"
        ):
            read_features(file, "train")
