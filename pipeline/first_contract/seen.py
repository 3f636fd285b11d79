"""What the first lines of a log hold, read as a contract says. Promise: each line is counted once."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from features.contract.model import Contract
from features.events.extraction import UNREADABLE, Extracted, tells_of
from features.events.quantities import QuantityCount


@dataclass(slots=True)
class Seen:
    """What the lines hold, read as the contract says.

    `examples`: by reason the first line that cannot be used; `times`, `numbers`: times and amounts as the log has them;
    `quantities`: by name the values of the events.
    """

    lines: int = 0
    excluded: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    users: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    amounts: int = 0
    unreadable_amounts: int = 0
    like_thousands: int = 0
    currencies: Counter[str] = field(default_factory=Counter)
    placeholders: Counter[str] = field(default_factory=Counter)
    other_unit: int = 0
    lost_characters: int = 0
    tells: set[str] = field(default_factory=set)
    times: list[pl.Series] = field(default_factory=list)
    numbers: list[pl.Series] = field(default_factory=list)
    quantities: dict[str, QuantityCount] = field(default_factory=dict)

    def add(self, contract: Contract, extracted: Extracted) -> None:
        """Count what a chunk holds, but its rejected lines."""
        events = extracted.events
        self.excluded += extracted.excluded
        self.placeholders += extracted.placeholders
        self.other_unit += extracted.clock["other_epoch_unit"]
        self.lost_characters += extracted.lost_characters
        self.like_thousands += extracted.amounts["like_thousands"]
        for name, count in extracted.quantities.items():
            self.quantities[name] = self.quantities.get(name, QuantityCount()) + count
        self.users.update(events["user_id"])
        self.kinds.update(events["kind"])
        if "amount" in events.columns:
            unreadable = int(events[UNREADABLE].sum())
            self.unreadable_amounts += unreadable
            self.amounts += unreadable + events["amount"].count()
        if "currency" in events.columns:
            self.currencies.update(events["currency"].drop_nulls())
        if events.height:
            self.tells |= tells_of(contract, events)
            first, last = events.select(first=pl.col("at").min(), last=pl.col("at").max()).row(0)
            self.first = first if self.first is None else min(first, self.first)
            self.last = last if self.last is None else max(last, self.last)

    def add_rejected(self, rejected: pl.DataFrame) -> None:
        """Count rejected lines (columns as REJECTED) by reason."""
        for file, line, reason, text in rejected.iter_rows():
            self.rejected[reason] += 1
            self.examples.setdefault(reason, f"{file}:{line}: {(text or '')[:80]!r}")

    def keep_samples(self, contract: Contract, rows: pl.DataFrame) -> None:
        """Keep times and amounts as the log has them, to say how they are written."""
        for name, kept in (("at", self.times), ("amount", self.numbers)):
            column = None if name in contract.derive else getattr(contract.columns, name)
            if column is not None and column in rows.columns:
                kept.append(rows[column])
