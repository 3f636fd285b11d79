"""The contract's sections `columns` and `csv`: which raw column means what, and how lines are cut into columns."""

from pydantic import BaseModel, ConfigDict, Field


class Columns(BaseModel):
    """Which column of the log means what; null where the log has none. A column may be a path: `geo.country`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user_id: str | None = None
    """Who did it. Texts such as guest, NULL or unknown name nobody. Every log needs it."""
    at: str | None = None
    """When it happened. Every log needs it."""
    kind: str | None = None
    """What happened; without it all events are of the one kind that `groups` names."""
    event_id: str | None = None
    """The event's own id, by which `duplicates: event_id` finds copies."""
    amount: str | None = None
    """Money: what was paid, or, for a kind of `meaning.refund`, paid back."""
    currency: str | None = None
    """The currency of the amount, as its code of three letters or as `currency.names` says."""
    counterpart: str | None = None
    """Another user whom the event is about: a friend, a recipient."""
    session: str | None = None
    """The id of the session that the event belongs to; without it sessions follow from pauses."""
    level: str | None = None
    """How far the user has come, as a number: the last value counts until there is another."""
    score: str | None = None
    """An answer to "how likely are you to recommend us", 0 to 10."""
    country: str | None = None
    """Where the user was, as a code or an English name; for holidays and tables by country."""
    city: str | None = None
    """Where the user was; for tables by city, such as weather."""
    account: str | None = None
    """Whom the user belongs to, such as a company: health is then that of accounts."""
    paid_until: str | None = None
    """The last day that a payment for a subscription pays for."""
    timezone: str | None = None
    """The zone of the line's own clock, such as Asia/Tokyo or +05:30: a day is then the local day of each line."""
    received_at: str | None = None
    """When the line arrived: an event that arrives on a later day is not known before."""
    plan_days: str | None = None
    """Instead of `paid_until`, for how many days the payment pays."""


class Csv(BaseModel):
    """How the lines of a log in CSV or JSON are written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    separator: str = Field(default=",", min_length=1, max_length=1)
    """The character between two fields."""
    encoding: str = "utf-8"
    """How characters are written as bytes, by a name that Python knows. It holds for JSON too."""
    header: bool = True
    """Whether the first line names the columns; if not, they are called `column_1`, `column_2` and so on."""
    skip_lines: int = Field(default=0, ge=0, le=1000)
    """The number of lines before the header, such as a title."""
    comment: str | None = Field(default=None, pattern=r"\S")
    """The mark of lines before the header that are none."""
    fixed_width: dict[str, tuple[int, int]] | None = None
    """Instead of separators: by name the first place of each column (from 0) and the one after its last."""
