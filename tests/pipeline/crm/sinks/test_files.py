"""The Parquet of the CRM list keeps the ids; its CSV is safe to open, unless the ids are asked for as they are."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.crm.sinks.files import write_crm

LISTED = pl.DataFrame(
    {
        "user_id": ["=cmd|' /C calc'!A0", "\u200b-7", "u1"],
        "says": ["\uff0b1", "seen", "-"],
        "churn_probability": [0.5, 0.1, -0.25],
    }
)


@pytest.mark.parametrize("plain_ids", [False, True])
def test_the_parquet_keeps_the_ids_and_the_csv_is_safe(tmp_path: Path, *, plain_ids: bool) -> None:
    write_crm(LISTED, tmp_path, plain_ids=plain_ids)
    assert pl.read_parquet(tmp_path / "list.parquet").equals(LISTED)
    mark = "" if plain_ids else "'"
    assert (tmp_path / "list.csv").read_text("utf-8").splitlines()[1:] == [
        f"{mark}=cmd|' /C calc'!A0,'\uff0b1,0.500000",
        f"{mark}\u200b-7,seen,0.100000",
        "u1,'-,-0.250000",
    ]
