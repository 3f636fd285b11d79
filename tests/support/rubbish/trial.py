"""One trial: rubbish of one kind from one seed, and what the stages `external` and `ingest` make of it."""

import contextlib
import copy
import functools
import io
import os
import resource
import shutil
import tempfile
from pathlib import Path
from random import Random
from typing import Any, Literal, get_args

import polars as pl
import yaml

from pipeline.config.params import load_params
from pipeline.config.sections import Params
from pipeline.runner.stage import expected_errors, run_stage
from pipeline.stages import external, ingest
from pipeline.storage.files import read_json
from tests.support.paths import ROOT
from tests.support.rubbish.cells import COLUMNS, names_of, rows_of
from tests.support.rubbish.files import log_bytes, write
from tests.support.rubbish.settings import mutated, with_expressions
from tests.support.tiny import SHOP, parameters

Kind = Literal["log", "contract", "params", "users"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_CONTRACT: dict[str, Any] = {
    "format": "csv",
    "columns": {"user_id": "customer", "at": "time", "kind": "what", "amount": "sum", "currency": "currency",
                "country": "country", "event_id": "id"},
    "time": {"format": None, "timezone": "Europe/Berlin", "day_starts_at": "00:00"},
    "currency": {"fixed": None, "reporting": "EUR"},
    "duplicates": "whole_line",
    "groups": {"trade": ["purchase", "refund"], "look": ["visit"]},
    "meaning": {"refund": ["refund"], "subscription_start": ["purchase"], "renewal_days": 30},
    "names": {"trade": "sales"},
    "presence": {"kinds": ["purchase", "visit"], "least_minutes": 0, "least_events": 1},
    "country": {"names": {"Atlantis": "GR"}},
}  # fmt: skip
_TIMES = (
    None,
    None,
    None,
    "%Y-%m-%d %H:%M:%S",
    "%d.%m.%Y",
    "epoch",
    "epoch_s",
    "epoch_ns",
    [None, "epoch_ms"],
)
_USERS = {
    "path": "users.csv",
    "columns": {
        "user_id": "customer",
        "valid_from": "time",
        "plan": "what",
        "spent": "sum",
        "country": "country",
    },
    "constant": ["country"],
}
_WRITTEN = ("data/events", "data/quarantine", "reports/ingest.json")
_MOST_MIB = 1500


def try_one(kind: Kind, seed: int, folder: Path) -> str | None:
    """What is wrong with the answer to the rubbish of `seed`; None when nothing is.

    Right are: exit code 0 with every line accounted for; or code 2 with a message and nothing written. `folder` is
    emptied, then it keeps the files of this trial.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    prepare(kind, seed, folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    shown, code, where = io.StringIO(), 0, Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stderr(shown), expected_errors():
            params = load_params(Path("params.yaml")) if kind == "params" else _usual()[1]
            if params.engine.buckets <= 64 and params.log.path.startswith("log"):
                run_stage(external.run, params)
                run_stage(ingest.run, params)
            else:
                return None
    except SystemExit as error:
        code = int(error.code or 0)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"{type(error).__module__}.{type(error).__name__}: {str(error)[:200]!r} at {_place(error)}"
    finally:
        os.chdir(where)
    used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    if used > _MOST_MIB:
        return f"{used:.0f} MiB more memory"
    return _of_success(folder) if code == 0 else _of_refusal(folder, code, shown.getvalue())


def prepare(kind: Kind, seed: int, folder: Path) -> None:
    """Lay out below `folder` the project whose log, contract, parameters or users are rubbish."""
    random = Random(f"{kind} {seed}")
    contract = copy.deepcopy(_CONTRACT)
    names, rows = list(COLUMNS), rows_of(Random(1), list(COLUMNS))
    while len(rows) < 20:
        rows += rows_of(random, names)
    log = _csv_of(names, rows)
    write(folder / "params.yaml", _usual()[0])
    if kind == "log":
        contract |= _ways_to_read(random)
        for number in range(random.choice((1, 1, 2))):
            names = names_of(random)
            content = log_bytes(random, contract["format"], names, rows_of(random, names))
            write(folder / f"log/part{number}", content)
    else:
        write(folder / "log/part0", log.encode())
    written = yaml.safe_dump(contract).encode()
    if kind == "users":
        stored_as = random.choice(("csv", "parquet"))
        users = copy.deepcopy(_USERS) | {"path": f"users.{stored_as}"}
        names = names_of(random)
        write(folder / users["path"], log_bytes(random, stored_as, names, rows_of(random, names)))
        written = yaml.safe_dump({**contract, "users": users}).encode()
    elif kind == "contract":
        write(folder / "users.csv", b"customer,time,what,sum,country\nc1,2024-01-01,free,1.5,DE\n")
        contract |= {
            "users": _USERS,
            "csv": {"separator": ",", "encoding": "utf-8", "header": True},
            "null_values": ["-"],
        }
        written = mutated(random, with_expressions(random, contract) if random.random() < 0.5 else contract)
    elif kind == "params":
        write(folder / "params.yaml", mutated(random, yaml.safe_load(_usual()[0])))
    write(folder / "shop.yaml", written)
    (folder / "data/external/rates").mkdir(parents=True)


@functools.cache
def _usual() -> tuple[bytes, Params]:
    """The file params.yaml of all trials but those of parameters, and its content: YAML takes long to read."""
    with tempfile.TemporaryDirectory() as folder:
        changes = {"log__path": "log", "ingest__chunk_rows": 1000, "ingest__max_quarantined": 1.0}
        parameters(Path(folder), **{**SHOP, **changes})
        file = Path(folder) / "params.yaml"
        return file.read_bytes(), load_params(file)


def _ways_to_read(random: Random) -> dict[str, Any]:
    stored_as = random.choice(("csv", "jsonl", "parquet"))
    changes: dict[str, Any] = {
        "format": stored_as,
        "duplicates": random.choice(("whole_line", "keep", "event_id", ["customer", "time"])),
        "time": {
            "format": random.choice(_TIMES),
            "timezone": random.choice(("UTC", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia")),
            "day_starts_at": "00:00",
        },
    }  # fmt: skip
    if stored_as == "csv":
        changes["csv"] = {
            "separator": random.choice((",",) * 8 + (";", "\t")),
            "encoding": random.choice(("utf-8",) * 8 + ("utf-16", "latin-1", "utf-32", "cp037", "utf-7")),
            "header": random.random() < 0.95,
            "skip_lines": random.choice((0,) * 9 + (2,)),
        }
        if random.random() < 0.05:
            changes["csv"]["fixed_width"] = {name: [10 * n, 10 * n + 10] for n, name in enumerate(COLUMNS)}
    if random.random() < 0.1:
        changes["exclude"] = random.choice(
            ("what = 'visit'", "sum > 10", "customer LIKE 'c1%'", "time < '2024-01-05'")
        )
    return changes


def _csv_of(names: list[str], rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in (names, *rows))


def _of_success(folder: Path) -> str | None:
    report = read_json(folder / "reports/ingest.json")
    lines, parts = (
        report["lines"],
        {name: report[name] for name in ("kept", "duplicates", "quarantined", "excluded")},
    )
    parts["quarantined"] = report["quarantined"]["total"]
    if lines != sum(parts.values()):
        return f"{lines} lines, but {parts}"
    quarantined = pl.read_parquet(folder / "data/quarantine/lines.parquet").height
    if quarantined != parts["quarantined"]:
        return f"{parts['quarantined']} lines quarantined, but {quarantined} written"
    events = [pl.read_parquet(file) for file in sorted((folder / "data/events").rglob("*.parquet"))]
    kept = sum(one.height for one in events)
    return None if kept == report["kept"] else f"{report['kept']} lines kept, but {kept} written"


def _of_refusal(folder: Path, code: int, shown: str) -> str | None:
    left = [name for name in _WRITTEN if (folder / name).exists()]
    if left:
        return f"exit code {code}, but {left} written"
    message = shown.strip().splitlines()
    if code != 2 or not message or "Traceback" in shown:
        return f"exit code {code}: {shown[-300:]!r}"
    longest = max(map(len, message))
    return f"a line of the message has {longest} characters" if longest > 20_000 else None


def _place(error: BaseException) -> str:
    place, trace = "?", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(str(ROOT)) and ".venv" not in file:
            place = f"{Path(file).relative_to(ROOT)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
