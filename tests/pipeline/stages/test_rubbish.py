"""Rubbish as a log, a contract, parameters or a table of users: one message or every line accounted for.

`make fuzz` tries as many seeds as one likes, in processes of their own; these are fixed ones in this process.
"""

from pathlib import Path

import pytest

from tests.support.rubbish.trial import KINDS, Kind, prepare, try_one

SEEDS = {"log": range(140), "contract": range(60), "params": range(40), "users": range(60)}


@pytest.mark.parametrize("kind", KINDS)
def test_rubbish_ends_in_one_message_or_every_line_is_accounted_for(kind: Kind, tmp_path: Path) -> None:
    found = {seed: try_one(kind, seed, tmp_path / "trial") for seed in SEEDS[kind]}
    assert {seed: finding for seed, finding in found.items() if finding is not None} == {}


@pytest.mark.parametrize(("kind", "seed"), [
        ("contract", 384), ("log", 289), ("contract", 1174), ("contract", 2102), ("contract", 2221),
        ("contract", 2303), ("contract", 2571), ("log", 1522), ("log", 1852), ("log", 6371), ("log", 9210),
    ],
)  # fmt: skip
def test_what_make_fuzz_has_found_stays_mended(kind: Kind, seed: int, tmp_path: Path) -> None:
    """Among others: a derived list; a zip archive whose content does not match its checksum; LPAD to a billion; a
    decimal of no digits; duplicates: []; categories; spans of time longer than those of Polars."""
    assert try_one(kind, seed, tmp_path / "trial") is None


def test_a_seed_makes_the_same_rubbish_again(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        prepare("log", 7, tmp_path / name)
    files = [
        file.relative_to(tmp_path / "first") for file in (tmp_path / "first").rglob("*") if file.is_file()
    ]
    assert len(files) >= 3
    assert all(
        (tmp_path / "first" / one).read_bytes() == (tmp_path / "second" / one).read_bytes() for one in files
    )
