"""The tiny shop with a table of users, a dated table and a calendar beside its log."""

from pathlib import Path
from typing import Any

import polars as pl

from tests.support.tiny import CONTRACT, project, visits

USERS = """id,since,until,joined,tariff,seats,beta,course
c1,2024-01-01T00:00:00Z,,2023-12-01,basic,1,true,piano
c1,2024-03-05T12:00:00Z,,2023-12-01,pro,2,false,piano
c2,2024-01-01T00:00:00Z,2024-02-01T00:00:00Z,2024-01-01,basic,1,true,violin
"""
COLUMNS = {
    "user_id": "id", "valid_from": "since", "valid_to": "until", "signed_up_at": "joined", "plan": "tariff",
    "seats": "seats", "beta": "beta", "course": "course",
}  # fmt: skip
WEATHER = """date,known_at,country,rain
2024-01-01,2024-01-02T08:00:00Z,Germany,3.5
2024-01-08,2024-01-09T08:00:00Z,DE,
2024-01-15,2024-01-16T08:00:00Z,DE,7
"""
LESSONS = "date,group\n2024-01-10,piano\n2024-01-20,piano\n2024-01-12,violin\n"
TABLE: dict[str, Any] = {
    "name": "weather", "path": "weather.csv", "by": "country", "values": ["rain"], "max_age_days": 30,
}  # fmt: skip
CALENDAR = {"name": "lessons", "path": "lessons.csv", "by": "course"}


def shop(folder: Path, lines: pl.DataFrame | None = None, **given: Any) -> Path:
    """A shop with a table of users, a dated table and a calendar; `given`: contract sections, params, files."""
    files = {"users.csv": USERS, "weather.csv": WEATHER, "lessons.csv": LESSONS} | given.get("files", {})
    users = {"path": "users.csv", "columns": COLUMNS, "constant": ["signed_up_at"]} | given.get("users", {})
    made = project(
        folder,
        visits(40, 90) if lines is None else lines,
        {**CONTRACT, "users": users, **given.get("contract", {})},
        external__tables=given.get("tables", [TABLE]),
        external__calendars=given.get("calendars", [CALENDAR]),
        **given.get("params", {}),
    )
    for name, text in files.items():
        (made / name).write_text(text, "utf-8")
    return made
