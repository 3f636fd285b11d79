"""`python -m benchmarks.tasks.csv_logs corpus FOLDER SEEDS` or `… clean|dirty FILE LINES`: CSV to be cut.

Corpus: the CSV logs of `make fuzz` by seed, unpacked and decoded to UTF-8, as `N.csv` beside `N.about.json` (separator
and number of columns). Headers are lines as all others. Left out are logs that are no CSV at all, such as an archive of
two files: nothing is cut there. The last two write made-up logs of seven columns without header.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import yaml

from features.contract.parse import parse_contract
from features.errors import ContractError
from pipeline.errors import InputError
from pipeline.ingestion.csv_records import fields_of
from pipeline.ingestion.opening import text_of, wide_encoding
from pipeline.ingestion.readers import refused_if_damaged
from tests.support.rubbish.trial import prepare


def write_corpus(folder: Path, seeds: int) -> None:
    """Write the CSV logs of `seeds` below `folder`."""
    with tempfile.TemporaryDirectory() as made:
        for seed in range(seeds):
            trial = Path(made) / str(seed)
            prepare("log", seed, trial)
            contract = yaml.safe_load((trial / "shop.yaml").read_text("utf-8"))
            if contract["format"] == "csv" and "fixed_width" not in contract["csv"]:
                for part, file in enumerate(sorted((trial / "log").iterdir())):
                    _write_log(folder, f"{seed}-{part}", file, contract)


def _write_log(folder: Path, name: str, file: Path, raw: dict[str, object]) -> None:
    try:
        contract = parse_contract(raw, "fuzz")
        with refused_if_damaged(file, "csv"), text_of(file, contract) as stream:
            text = stream.read()
    except (InputError, ContractError):
        return
    if wide_encoding(text[:4096].encode("utf-8", "replace")) is not None:
        return
    first = next((line for line in text.split("\n") if line.strip("\r")), None)
    if first is None:
        return
    about = {
        "separator": contract.csv.separator,
        "columns": len(fields_of(first, contract.csv.separator) or [""]),
    }
    (folder / f"{name}.csv").write_bytes(text.encode("utf-8", "replace"))
    (folder / f"{name}.about.json").write_text(json.dumps(about), "utf-8")


def lines_of_log(lines: int, *, dirty: bool) -> Iterator[str]:
    """Lines with their ends. Dirty: 3 % have quotes, 0.5 % run over two lines, 1.5 % are no records."""
    random = Random(1)
    for number in range(lines):
        second, user = number % 86400, random.randrange(100_000)
        day, clock = 1 + number % 28, f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        fields = [
            f"c{user}",
            f"2024-01-{day:02d} {clock}",
            "purchase",
            f"{random.random() * 90:.2f}",
            "EUR",
            "DE",
        ]
        kind = random.random() if dirty else 1.0
        if kind < 0.005:
            fields[2] = '"bought\ntwo"'
        elif kind < 0.03:
            fields[2] = '"say ""hi"", friend"'
        elif kind < 0.035:
            fields = fields[:3]
        elif kind < 0.04:
            fields += ["more"]
        elif kind < 0.045:
            fields[2] = '"open'
        yield ",".join([*fields, str(number)]) + "\n"


def main(what: str, target: str, size: str) -> None:
    """Run one of the forms above."""
    if what == "corpus":
        write_corpus(Path(target), int(size))
    else:
        with Path(target).open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines_of_log(int(size), dirty=what == "dirty"))


if __name__ == "__main__":
    main(*sys.argv[1:])
