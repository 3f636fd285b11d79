"""Logs that cannot be used at all: too many lines rejected, or all times in another unit."""

from features.contract.model import Contract
from features.errors import ContractError
from pipeline.errors import InputError
from pipeline.ingestion.partition import Read
from pipeline.ingestion.quarantine import Quarantine

_SHOWN_REASONS = 3
_MOST_OF_ANOTHER_UNIT = 0.9


def refuse_unusable(quarantine: Quarantine, read: Read, most: float, log: str, contract: str) -> None:
    """Raise InputError when the log `log` has no event, or more than the share `most` of its lines is rejected.

    `read`: what the first pass read; `contract`: the file that says how to read it.
    """
    rejected, lines = quarantine.reasons.total(), read.lines - read.excluded
    if read.lines and not lines:
        raise InputError(
            f"{log}: all {read.lines:,} lines are left out by exclude in {contract}.\nCorrect the condition."
        )
    if lines == 0:
        raise InputError(f"{log}: holds no line of data.\nGive a log with events, or correct log.files.")
    if rejected < lines and rejected <= most * lines:
        return
    reasons = "\n".join(
        f"  {reason}: {count:,} lines, first {quarantine.examples[reason]}"
        for reason, count in quarantine.reasons.most_common(_SHOWN_REASONS)
    )
    why = "no event is left" if rejected == lines else f"ingest.max_quarantined allows {most:.1%}"
    raise InputError(
        f"{log}: {rejected:,} of {lines:,} lines ({rejected / lines:.1%}) cannot be used; {why}.\n{reasons}\n"
        f"Correct the contract {contract} (columns, time.format), the log, or ingest.max_quarantined."
    )


def refuse_other_unit(read: Read, contract: Contract) -> None:
    """Raise ContractError when nearly all times count another unit than `time.format`: then the contract is wrong."""
    other, lines = read.clock["other_epoch_unit"], read.lines - read.excluded
    if other > _MOST_OF_ANOTHER_UNIT * lines:
        raise ContractError(
            f"{contract.name}: time.format = {contract.time.format!r}, and {other:,} of {lines:,} lines count another "
            "unit: as it says, they would lie before 1990 or after 2100.\n"
            "Write epoch_s, epoch_ms, epoch_us or epoch_ns; or epoch, which takes the unit from the magnitude."
        )
