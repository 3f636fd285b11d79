"""An event that names a counterpart is also an event of that counterpart, in the role `received`.

Promise: the stored events of a user are enough to know who has contacted the user. A received event has a time, a
kind and a sender; all other columns are the sender's.
"""

import polars as pl

from features.names import OF_QUANTITIES

ROLE, OWN, RECEIVED = "role", "own", "received"
_OF_SENDER = (
    "amount",
    "currency",
    "session",
    "level",
    "score",
    "country",
    "city",
    "paid_until",
    "account",
    ROLE,
)


def received_events(own_events: pl.DataFrame) -> pl.DataFrame:
    """The events that counterparts of `own_events` receive: user and counterpart are swapped.

    An event without counterpart, or with its own user as counterpart, is not received. Users are not yet known here.
    """
    of_sender = ("user_id", "counterpart", *_OF_SENDER)
    kept = [
        name for name in own_events.columns if name not in of_sender and not name.startswith(OF_QUANTITIES)
    ]
    return own_events.filter(pl.col("counterpart") != pl.col("user_id")).select(
        pl.col("counterpart").alias("user_id"),
        *kept,
        pl.col("user_id").alias("counterpart"),
        pl.lit(RECEIVED).alias(ROLE),
    )


def with_received(own_events: pl.DataFrame, received: pl.DataFrame) -> pl.DataFrame:
    """`own_events`, then the `received` ones whose user has an own event: only they are users."""
    users = own_events.select(pl.col("user_id").unique())
    return pl.concat([own_events, received.join(users, on="user_id", how="semi")], how="diagonal")
