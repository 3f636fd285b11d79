"""The users of a bucket: their sign-up and their attributes, as cohorts have them."""

from typing import Any

import polars as pl
import pytest

from tests.support.business_shop import CONTRACT, club, lines, run_business


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The cohorts of a club whose even users came by ads, and whose first ten signed up before the log."""
    contract: dict[str, Any] = {
        **CONTRACT,
        "users": {
            "path": "users.csv",
            "columns": {"user_id": "id", "signed_up_at": "joined", "channel": "channel"},
            "constant": ["channel", "signed_up_at"],
        },
    }
    folder = club(tmp_path_factory.mktemp("users"), contract=contract, business__cohorts_by=["channel"])
    rows = [f"u{n},{'2023-10-05' if n < 10 else ''},{'ads' if n % 2 == 0 else 'friends'}" for n in range(60)]
    (folder / "users.csv").write_text("\n".join(["id,joined,channel", *rows]) + "\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        run_business(folder, patch)
    return pl.read_csv(folder / "reports/cohorts.csv", schema_overrides={"group": pl.String})


def test_the_groups_of_an_attribute_are_all_users_of_a_cohort(cohorts: pl.DataFrame) -> None:
    sizes = cohorts.group_by("by", "cohort", "group").agg(pl.col("users").first())
    whole = dict(sizes.filter(pl.col("by") == "all").select("cohort", "users").rows())
    parts = dict(sizes.filter(pl.col("by") == "channel").group_by("cohort").agg(pl.col("users").sum()).rows())
    assert parts == whole
    assert set(sizes.filter(pl.col("by") == "channel")["group"]) == {"ads", "friends"}


def test_who_signed_up_before_the_log_is_in_the_cohort_of_that_month(cohorts: pl.DataFrame) -> None:
    old = cohorts.filter((pl.col("by") == "all") & (pl.col("cohort") == "2023-10"))
    known = lines()["who"].unique().is_in([f"u{n}" for n in range(10)]).sum()
    assert set(old["users"]) == {known}
    assert old["age"].min() == 2  # the log begins in December
    assert old["surviving"].null_count() == old.height


def test_who_came_early_without_a_sign_up_stands_before_the_log(cohorts: pl.DataFrame) -> None:
    first = lines().filter(pl.col("what") != "refund").group_by("who").agg(pl.col("time").min())
    unknown = first.filter(~pl.col("who").is_in([f"u{n}" for n in range(10)]))
    early = unknown.filter(pl.col("time") < "2024-01-03").height  # 14 days from 20 December on
    apart = cohorts.filter((pl.col("by") == "all") & (pl.col("cohort") == "before the log"))
    assert set(apart["users"]) == {early}
