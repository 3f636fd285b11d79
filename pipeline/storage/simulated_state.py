"""The end state of the simulated log on disk: two tables, and JSON for the rest."""

from pathlib import Path
from typing import Final

import polars as pl

from pipeline.demo.output.end_state import EndState, as_frame, from_frame
from pipeline.demo.world.population import Population
from pipeline.demo.world.state import World
from pipeline.errors import InputError
from pipeline.storage.files import found_whole, read_json, write_json
from pipeline.storage.frames import read_table, write_parquet

_PEOPLE: Final = "people.parquet"
_WORLD: Final = "world.parquet"
_REST: Final = "state.json"


def write_state(state: EndState, folder: Path) -> None:
    """Write `state` below `folder`."""
    write_parquet(as_frame(state.people), folder / _PEOPLE)
    write_parquet(as_frame(state.world), folder / _WORLD)
    rest = {"days": state.days, "events": state.events, "sessions": state.sessions}
    write_json({**rest, "generator": state.generator}, folder / _REST)


def read_state(folder: Path) -> EndState:
    """What `write_state` wrote. Raises InputError when it is missing, damaged or of another version."""
    if not folder.is_dir():
        raise InputError(
            f"{folder}: the demo log has no end state to live on from.\nMake the log with it: dvc repro simulate"
        )
    with found_whole(folder / _REST):
        rest = read_json(folder / _REST)
    people, world = read_table(folder / _PEOPLE), read_table(folder / _WORLD)
    try:
        return EndState(from_frame(Population, people), from_frame(World, world), **rest)
    except (KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise InputError(
            f"{folder}: the end state is of another version: {error}.\nMake it again: dvc repro simulate"
        ) from error
