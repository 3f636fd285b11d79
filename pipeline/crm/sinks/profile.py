"""The CRM tools that a list can be written for: what each reads from a CSV file, declared once.

Promise: a declaration holds what the tool's own documentation says, and `profile_files.py` needs nothing else. Pages:

- Braze: "CSV import" and "Troubleshooting user import" of the user guide; "Data types" for the length of a string.
- Salesforce: "Prepare CSV Files", "Valid Date Format in Records" and "Limits and Allocations" of the Bulk API 2.0
  Developer Guide; "Data Types Supported by Data Loader"; "How large can my import file be?" (Data Import Wizard).
- HubSpot: "Set up import files" and "Import data to checkbox properties" of the knowledge base.
- Excel: "Excel specifications and limits"; "Opening CSV UTF-8 files correctly in Excel" of Microsoft Support.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

ProfileName = Literal["plain", "braze", "salesforce", "hubspot", "spreadsheet"]
PROFILE_NAMES: Final[tuple[ProfileName, ...]] = get_args(ProfileName)


@dataclass(frozen=True, slots=True)
class Resets:
    """What is written, by type of value, over a value that went away. Tools ignore blank cells of an update."""

    text: str
    number: str
    day: str
    flag: str


@dataclass(frozen=True, slots=True)
class CrmProfile:
    """What a tool reads. A blank cell is a value that is not known, unless `null` says otherwise.

    `key`: the header of the user ids. `carried_key`: the column of `list.carry` by which the tool knows its users, in
    place of the user ids if the list has it. `columns`: columns of the list after the key, in order; None: all; those
    of `list.carry` come last. `first`: columns before the others. `suffix`: of the headers of the list's own columns.
    `for_people`: they open the file, so every text that begins like a formula gets an apostrophe, an id only if
    `list.csv_ids` is safe; in files for tools, ids and phone numbers stay as they are. `flags`: false and true.
    `digits`: decimal places. `longest_text`: in characters; longer texts are cut. `one_line`: texts without line ends
    and double quotes. `quoted`: texts have quotes, by which the tool knows them from numbers. `most_rows`,
    `most_bytes`: of a file; a longer list has several. `resets`: the tool gets a file of changes; None: it gets none.
    """

    name: ProfileName
    key: str = "user_id"
    carried_key: str | None = None
    columns: tuple[str, ...] | None = None
    first: tuple[str, ...] = ()
    suffix: str = ""
    for_people: bool = False
    flags: tuple[str, str] = ("false", "true")
    digits: int = 6
    null: str | None = None
    byte_order_mark: bool = False
    longest_text: int | None = None
    one_line: bool = False
    quoted: bool = False
    most_rows: int | None = None
    most_bytes: int | None = None
    resets: Resets | None = None


CHURN_PERCENT: Final = "churn_percent"
"""`churn_probability` in whole percent, so that noise makes no changes. No leading zero, as 0.63 has one."""

_PLAIN = CrmProfile("plain", for_people=True)
_BRAZE = CrmProfile(
    "braze",
    key="external_id",
    carried_key="external_id",
    columns=(
        CHURN_PERCENT, "risk_band", "population", "action", "episode", "play", "next_step", "goal", "cause", "style",
        "play_style", "quadrant", "duty",
    ),
    flags=("FALSE", "TRUE"),
    longest_text=255,
    one_line=True,
    quoted=True,
    most_bytes=500_000_000,
    resets=Resets("none", "-1", "1970-01-01", "FALSE"),
)  # fmt: skip
"""Without the columns that change with every day: each value costs a data point."""
_SALESFORCE = CrmProfile(
    "salesforce",
    key="user_id__c",
    suffix="__c",
    null="#N/A",
    longest_text=255,
    most_rows=50_000,
    most_bytes=100_000_000,
    resets=Resets("#N/A", "#N/A", "#N/A", "false"),
)
"""Custom fields of these API names, texts of 255 characters. `user_id__c` is an external id, by which to upsert."""
_HUBSPOT = CrmProfile(
    "hubspot",
    carried_key="email",
    longest_text=65_536,
    most_rows=1_048_575,
    most_bytes=20_000_000,
    resets=Resets("none", "-1", "1970-01-01", "false"),
)
"""By the limits of every subscription. No page says that a blank cell clears a property, so it is reset."""
_SPREADSHEET = CrmProfile(
    "spreadsheet",
    for_people=True,
    first=(
        "silence_text", "reason_1_text", "reason_2_text", "reason_3_text", "next_step", "goal", "segment_text",
        "evidence_text",
    ),
    flags=("FALSE", "TRUE"),
    byte_order_mark=True,
    longest_text=32_767,
    most_rows=1_048_575,
)  # fmt: skip
"""Sentences before codes. A row is left for the header."""
PROFILES: Final[Mapping[str, CrmProfile]] = MappingProxyType(
    {one.name: one for one in (_PLAIN, _BRAZE, _SALESFORCE, _HUBSPOT, _SPREADSHEET)}
)
