"""What the stages of training and evaluation share: the rows, the periods and the settings."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from features.define import Feature
from models.learning.booster import Settings
from models.learning.split import Period, TimeSplit, test_begin, time_split
from pipeline.config.sections import Label, Log, Split, Train
from pipeline.errors import InputError
from pipeline.learning.churn_in_use import churn_of
from pipeline.log.facts import LogFacts
from pipeline.storage.feature_file import FEATURES_FILE, read_features
from pipeline.storage.frames import columns_of, read_buckets, scan_buckets


def read_rows(logins: Path) -> pl.DataFrame:
    """All login rows, sorted by user and day: the number of buckets changes nothing."""
    return read_buckets(logins).sort("user_id", "login_day")


def read_rows_since(logins: Path, day: date) -> pl.DataFrame:
    """The login rows that are still open, and the ripe ones of later days than `day`, sorted by user and day.

    Memory holds these rows. The ripe rows whose window ends last are there too, so that `still_open` is what it is of
    all rows.
    """
    over = pl.col("login_day") + pl.duration(days="window_days")
    of_all = read_buckets(logins, columns=("ripe", "login_day", "window_days"))
    last = of_all.filter("ripe").select(over.max()).item()
    is_open, is_last = (
        (pl.lit(value=True), pl.lit(value=False)) if last is None else (over > last, over == last)
    )
    wanted = pl.when("ripe").then((pl.col("login_day") > day) | is_last).otherwise(is_open)
    return pl.concat([rows.filter(wanted).collect() for rows in scan_buckets(logins)]).sort(
        "user_id", "login_day"
    )


def known_users(activity: Path, anonymous: Path) -> pl.Series:
    """The ids of all users of the log, without visitors who are still anonymous."""
    visitors = read_buckets(anonymous, columns=["user_id"])["user_id"]
    users = read_buckets(activity, columns=["user_id"])["user_id"].unique()
    return users.filter(~users.is_in(visitors.implode()))


def read_landmarks(landmarks: Path) -> pl.DataFrame:
    """All landmark rows, sorted by user and day."""
    return read_buckets(landmarks).sort("user_id", "as_of")


def features_of_rows(logins: Path) -> tuple[Feature, ...]:
    """The features of the rows in the folder `logins` (or `landmarks`, `listed`), read from its `features.json`.

    Raises InputError when the rows lack one of them.
    """
    features = read_features(logins / FEATURES_FILE, logins.name)
    columns = columns_of(logins)
    lacking = [feature.name for feature in features if feature.name not in columns]
    if lacking:
        raise InputError(
            f"{logins}: the rows lack {len(lacking)} of the {len(features)} features that {FEATURES_FILE} names: "
            f"{', '.join(lacking[:10])}.\nMake the rows again: dvc repro logins"
        )
    return features


def periods_of(rows: pl.DataFrame, label: Label, split: Split) -> TimeSplit:
    """The training and the test period, purged. Raises DataError when a period is empty or holds one class."""
    return time_split(
        rows,
        churn_of(label).longest_days,
        test_from=split.test_from,
        test_share=split.test_share,
        origins=split.origins,
        min_rows=split.min_rows,
    )


def training_ends(facts: LogFacts, log: Log, label: Label, split: Split) -> date:
    """The last day of the training period, before there are login rows: as if every day of the log had some.

    It is the same for a replayed day.
    """
    window_days = churn_of(label).longest_days
    last = facts.log_start + timedelta(days=facts.log_days - 1 - window_days)
    ripe = Period(facts.log_start + timedelta(days=log.warm_up_days), last)
    begin = split.test_from or test_begin(ripe, split.test_share)
    return begin - timedelta(days=window_days + 1)


def settings_of(train: Train) -> Settings:
    """The classifier's settings in the section `train`."""
    return Settings(
        seed=train.seed,
        threads=train.threads,
        learning_rate=train.learning_rate,
        leaves=train.leaves,
        feature_fraction=train.feature_fraction,
        l2=train.l2,
        max_rounds=train.max_rounds,
        patience_rounds=train.patience_rounds,
    )
