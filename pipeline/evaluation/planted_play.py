"""How well play styles match those planted in the demo log. Only `evaluate` reads them."""

from pathlib import Path
from typing import Any

import polars as pl
from sklearn.metrics import normalized_mutual_info_score

from models.segmentation.play_styles import enough, play_styles, root_shares_of
from pipeline.config.sections import Styles
from pipeline.demo.world.kinds import STYLES
from pipeline.learning.play_counts import PlayCounts
from pipeline.storage.frames import columns_of, read_table

_LEAST_LOGINS = 5
_PLANTED = tuple(f"latent_{style}" for style in STYLES)


def play_styles_found(
    truth: Path, done: PlayCounts, rows: pl.DataFrame, asked: Styles
) -> dict[str, Any] | None:
    """`play_styles` of metrics.json: the normalised mutual information of play styles and dominant planted styles.

    It counts users with five logins or more who have a play style, `users`; `known_share` is their share of all users
    with five logins. `done`: what users did by the end of the log; `rows`: all login rows. The styles are fitted as the
    stage `profile` fits those of a first run. None when the truth has no styles, or there are no such users.
    """
    if not set(_PLANTED) <= set(columns_of(truth)):
        return None
    counts = done.of(done.counts["user_id"])
    known = enough(counts)
    if not done.uses or not known.any():
        return None
    shapes = root_shares_of(counts)
    styles = play_styles(
        shapes[known], done.uses, None, least=asked.least, most=asked.most, bootstrap=asked.bootstrap,
        seed=asked.seed, least_stability=asked.least_stability,
    ).styles  # fmt: skip
    found = done.counts.select("user_id", found=pl.Series(styles.of(shapes)), known=pl.Series(known))
    logins = rows.group_by("user_id").agg(pl.col("login_number").max())
    frequent = found.join(logins.filter(pl.col("login_number") >= _LEAST_LOGINS), on="user_id")
    both = frequent.filter("known").join(_dominant(truth), on="user_id")
    if not both.height:
        return None
    return {
        "nmi": float(normalized_mutual_info_score(both["planted"], both["found"])),
        "users": both.height,
        "known_share": both.height / frequent.height,
        "styles": len(styles.centres),
    }


def _dominant(truth: Path) -> pl.DataFrame:
    """By user the position of the style with the largest part, at the last login."""
    planted = read_table(truth, columns=["user_id", "login_day", *_PLANTED]).sort("user_id", "login_day")
    last = planted.group_by("user_id", maintain_order=True).last()
    return last.select("user_id", planted=pl.concat_list(_PLANTED).list.arg_max())
