"""Checks a contract on the first lines of its log, and says in words what was found. Promise: it writes nothing."""

from pathlib import Path

from pipeline.config.params import PARAMS_FILE, load_params
from pipeline.database.is_url import is_url
from pipeline.errors import InputError
from pipeline.first_contract.check import NOTHING_MORE, Checked, check_contract


def check_of(contract: Path, log: str | None, files: str) -> Checked:
    """What `lastlogin check` finds; without `log`, on the log of params.yaml if that names this contract.

    Raises InputError when the contract is missing or no YAML, or the log lies in a database.
    """
    external = NOTHING_MORE
    if PARAMS_FILE.is_file():
        params = load_params(PARAMS_FILE)
        if Path(params.log.contract).resolve() == contract.resolve():
            external = params.external
            if log is None:
                log, files = params.log.path, params.log.files
    if log is not None and is_url(log):
        raise InputError(f"{log}: check reads files.\nExport some rows as Parquet, and give that file.")
    return check_contract(contract, log, files, external)


def as_text(contract: Path, checked: Checked) -> str:
    """The faults, each with what to do, or a short summary; then what to look at."""
    lines = []
    if checked.faults:
        many = "1 thing is" if len(checked.faults) == 1 else f"{len(checked.faults)} things are"
        lines += [
            f"check: {many} wrong with {contract}",
            *(f"\n{number}. {one}" for number, one in enumerate(checked.faults, 1)),
        ]
    else:
        lines += _summary(contract, checked)
    if checked.notes:
        lines += ["", "Look at:", *(f"- {note}" for note in checked.notes)]
    return "\n".join(lines)


def _summary(contract: Path, checked: Checked) -> list[str]:
    seen = checked.seen
    if seen is None:
        return [f"check: {contract} is a contract. With --log LOG its lines are read, too."]
    if seen.first is None or seen.last is None:
        return [f"check: {contract}: no line was read."]
    rejected = seen.rejected.total()
    left_out = ", ".join(f"{reason} {count:,}" for reason, count in seen.rejected.most_common())
    return [
        f"check: {contract} reads the log",
        f"lines read:   {seen.lines:,}" + (f", {seen.excluded:,} excluded" if seen.excluded else ""),
        f"unreadable:   {rejected / max(seen.lines, 1):.1%}" + (f" ({left_out})" if left_out else ""),
        f"users:        {len(seen.users):,}",
        f"times (UTC):  {seen.first:%Y-%m-%d %H:%M:%S} to {seen.last:%Y-%m-%d %H:%M:%S}",
        f"kinds:        {', '.join(f'{kind} {count:,}' for kind, count in seen.kinds.most_common(8))}",
    ]
