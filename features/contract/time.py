"""The contract's section `time`: how times are written, and when a day begins."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class Time(BaseModel):
    """How times are written, and when a day begins."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str | tuple[str, ...] | None = None
    """Null for ISO 8601; `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`; `epoch`, which takes the unit from the
    magnitude; a strptime format; or a list of them in the order of trial (`iso` for ISO 8601).
    """
    timezone: str = "UTC"
    """The zone in which days begin, and that of the clock for times without an offset, by its IANA name."""
    day_starts_at: str = Field(default="00:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When a day begins: later where the night belongs to the day before."""
    epoch_is_local: bool = False
    """An epoch counts the seconds of the local clock, not of UTC."""

    @property
    def formats(self) -> tuple[str | None, ...]:
        """The formats in the order of trial; null: ISO 8601."""
        given = self.format if isinstance(self.format, tuple) else (self.format,)
        return tuple(None if one == "iso" else one for one in given)

    @property
    def starts_at(self) -> timedelta:
        """How long after local midnight a day begins."""
        hours, minutes = self.day_starts_at.split(":")
        return timedelta(hours=int(hours), minutes=int(minutes))
