"""What the stages before left out of the log, for the check `left_out`."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from models.checks.left_out import LeftOut
from pipeline.log.external_data import USERS, users_in
from pipeline.log.facts import LogFacts
from pipeline.storage.files import read_json
from pipeline.storage.frames import buckets_in, read_buckets, scan_buckets

_Ids = Callable[[pl.Expr], pl.Expr]
_LIKENESS: dict[str, _Ids] = {
    "zeros before the number": lambda ids: ids.str.strip_chars_start("0"),
    "capital letters": lambda ids: ids.str.to_lowercase(),
    "'.0' behind the number, as spreadsheets write it": lambda ids: ids.str.replace(r"\.0+$", ""),
    "marks and blanks": lambda ids: ids.str.replace_all(r"[^\w]", ""),
}


def left_out_of_log(
    facts: LogFacts, activity: Path, activity_report: Path, external_checked: Path, anonymous: Path
) -> list[LeftOut]:
    """What ingest left out, the amounts that were not converted, and the users whom the users table lacks."""
    found = [
        LeftOut(
            str(one["reason"]),
            int(one["lost"]),
            int(one["of"]),
            one["names"],
            {date.fromisoformat(day): (lost, of) for day, (lost, of) in one["by_day"].items()},
        )
        for one in facts.left_out
    ]
    report = read_json(activity_report)
    lost = sum(report["amounts_not_converted"].values())
    found.append(LeftOut("not_converted", lost, report["amounts"], report["currencies_not_converted"]))
    if (external_checked / USERS).is_dir():
        found.append(_not_in_users_table(activity, external_checked, anonymous))
    return found


def _not_in_users_table(activity: Path, external_checked: Path, anonymous: Path) -> LeftOut:
    """Of the known users: no table has visitors who are still anonymous."""
    visitors = read_buckets(anonymous, columns=["user_id"])["user_id"]
    known = unknown = 0
    strangers: list[pl.Series] = []
    table = [users_in(external_checked, bucket) for bucket in buckets_in(external_checked / USERS)]
    listed = pl.concat([one.select("user_id") for one in table if one is not None])["user_id"].unique()
    for days in scan_buckets(activity):
        users = days.filter(pl.col("events") > 0).select(pl.col("user_id").unique()).collect()["user_id"]
        users = users.filter(~users.is_in(visitors.implode()))
        missing = users.filter(~users.is_in(listed.implode()))
        known, unknown = known + users.len() - missing.len(), unknown + missing.len()
        strangers.append(missing)
    because = "" if known else _likely_cause(pl.concat(strangers), listed)
    return LeftOut("not_in_users_table", unknown, known + unknown, because=because)


def _likely_cause(users: pl.Series, listed: pl.Series) -> str:
    """How ids of the log and of the table differ when none matches; with an example of each when nothing is found."""
    for name, alike in _LIKENESS.items():
        both = [
            ids.alias("id").to_frame().select(alike(pl.col("id"))).to_series().unique()
            for ids in (users, listed)
        ]
        if both[0].is_in(both[1].implode()).any():
            return f"they differ in {name}"
    if users.is_empty() or listed.is_empty():
        return ""
    return f"the log has ids such as {_example(users)}, the table ids such as {_example(listed)}"


def _example(ids: pl.Series) -> str:
    return repr(re.sub(r"\s", " ", str(ids.min())))
