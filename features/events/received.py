"""An event that names a counterpart is also an event of that counterpart, in the role `received`.

Promise: a user's own stored events are enough to know who has made contact with the user. A
received event has a time, a kind and a sender: everything else is the sender's.
"""

import polars as pl

ROLE, OWN, RECEIVED = "role", "own", "received"
_SENDER_S = ("amount", "currency", "session", "level", "score", "country", "city", ROLE)


def received_events(own: pl.DataFrame) -> pl.DataFrame:
    """What the counterparts of `own` events receive: user and counterpart change places.

    An event that names nobody, or its own user, is received by nobody. Nobody knows yet who is a user.
    """
    kept = [name for name in own.columns if name not in ("user_id", "counterpart", *_SENDER_S)]
    return own.filter(pl.col("counterpart") != pl.col("user_id")).select(
        pl.col("counterpart").alias("user_id"),
        *kept,
        pl.col("user_id").alias("counterpart"),
        pl.lit(RECEIVED).alias(ROLE),
    )


def with_received(own: pl.DataFrame, received: pl.DataFrame) -> pl.DataFrame:
    """`own` events, then those of the `received` ones whose user has an own event: nobody else is a user."""
    users = own.select(pl.col("user_id").unique())
    return pl.concat([own, received.join(users, on="user_id", how="semi")], how="diagonal")
