"""How far figures have moved."""

import polars as pl

from models.business.moved import MOVED, moved_since


def figures(**values: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "period": "2024-01",
                "kpi": name,
                "value": value,
                "provisional": name == "lost",
                "partial": False,
            }
            for name, value in values.items()
        ],
        schema_overrides={"value": pl.Float64},
    )


def test_each_figure_that_was_told_stands_beside_that_of_today() -> None:
    table = moved_since(figures(lost=10.0, new=5.0, cac=None), figures(lost=12.0, new=5.0, cac=3.0, end=9.0))
    assert table.schema == MOVED
    assert table["moved"].to_list() == [2.0, 0.0, None]
    assert table["provisional_then"].to_list() == [True, False, False]
