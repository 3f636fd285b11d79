"""Who was contacted in an episode, and what the contacts and the offers cost."""

from collections.abc import Mapping

import polars as pl

from features.advice.plays import Play
from models.effect.money import Costs
from pipeline.external.never_contact import OFFER_TAKEN

WAS_CONTACTED = "was_contacted"


def with_contacts(episodes: pl.DataFrame, contacts: pl.DataFrame | None) -> pl.DataFrame:
    """`episodes` with `was_contacted` and `offer_taken`, null without a log of contacts or without its column.

    A contact belongs to an episode if its day lies after `as_of` and within the label window. `contacts`: `user_id,
    day` and perhaps `offer_taken`.
    """
    if contacts is None:
        nothing = pl.lit(None, pl.Boolean)
        return episodes.with_columns(nothing.alias(WAS_CONTACTED), nothing.alias(OFFER_TAKEN))
    taken = pl.col(OFFER_TAKEN) if OFFER_TAKEN in contacts.columns else pl.lit(None, pl.Boolean)
    keys = ["user_id", "as_of"]
    pairs = episodes.select(*keys, "window_days").join(
        contacts.select("user_id", "day", taken.alias(OFFER_TAKEN)), on="user_id"
    )
    since = (pl.col("day") - pl.col("as_of")).dt.total_days()
    found = (
        pairs.filter((since > 0) & (since <= pl.col("window_days")))
        .group_by(keys)
        .agg(pl.lit(value=True).alias(WAS_CONTACTED), pl.col(OFFER_TAKEN).any(ignore_nulls=False))
    )
    known = OFFER_TAKEN in contacts.columns
    return episodes.join(found, on=keys, how="left", maintain_order="left").with_columns(
        pl.col(WAS_CONTACTED).fill_null(value=False),
        pl.col(OFFER_TAKEN).fill_null(value=False) if known else pl.col(OFFER_TAKEN),
    )


def costs_of(
    episodes: pl.DataFrame, plays: Mapping[str, Play], contact_cost: float, stayers_take_offer: float
) -> Costs:
    """What the arm contact cost. `episodes`: `with_contacts` has made them.

    Without a log of contacts, all of the arm were contacted. If the log does not say who took an offer, as many did as
    the plays say: `accepts` of those who would have left, and `stayers_take_offer` of the others. A play that the file
    no longer has costs no offer.
    """
    contacted = episodes.filter((pl.col("arm") == "contact") & pl.col(WAS_CONTACTED).fill_null(value=True))
    accepts = {code: play.accepts for code, play in plays.items()}
    offers = {code: play.offer_cost for code, play in plays.items()}
    risk = pl.col("churn_probability")
    assumed = risk * pl.col("accepts") + (1 - risk) * stayers_take_offer
    priced = contacted.with_columns(
        pl.col("play").replace_strict(accepts, default=0.0, return_dtype=pl.Float64).alias("accepts"),
        pl.col("play").replace_strict(offers, default=0.0, return_dtype=pl.Float64).alias("offer_cost"),
    ).filter(pl.col("offer_cost") > 0)
    taken = priced.select(taken=pl.coalesce(pl.col(OFFER_TAKEN).cast(pl.Float64), assumed), cost="offer_cost")
    known = episodes.height > 0 and episodes[OFFER_TAKEN].null_count() == 0
    return Costs(
        contacted.height,
        contacted.height * contact_cost,
        float(taken["taken"].sum()),
        float((taken["taken"] * taken["cost"]).sum()),
        known,
    )
