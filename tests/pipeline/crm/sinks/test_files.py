"""No cell of the CRM list can run as a spreadsheet formula."""

from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crm.sinks.files import formula_safe, write_crm

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


@given(st.lists(st.text(max_size=12) | st.sampled_from([f"{start}1+1" for start in STARTS]), min_size=1))
def test_no_text_begins_like_a_formula_and_none_is_lost(texts: list[str]) -> None:
    safe = formula_safe(pl.DataFrame({"user_id": texts}, schema={"user_id": pl.String}))["user_id"].to_list()
    assert not any(text.startswith(STARTS) for text in safe)
    assert [
        text.removeprefix("'") if was.startswith(STARTS) else text
        for was, text in zip(texts, safe, strict=True)
    ] == texts


def test_the_parquet_keeps_the_ids_and_the_csv_is_safe(tmp_path: Path) -> None:
    write_crm(
        pl.DataFrame({"user_id": ["=cmd|' /C calc'!A0", "u1"], "churn_probability": [0.5, -0.25]}), tmp_path
    )
    assert pl.read_parquet(tmp_path / "list.parquet")["user_id"].to_list() == ["=cmd|' /C calc'!A0", "u1"]
    assert (tmp_path / "list.csv").read_text("utf-8").splitlines()[1:] == [
        "'=cmd|' /C calc'!A0,0.500000",
        "u1,-0.250000",
    ]
