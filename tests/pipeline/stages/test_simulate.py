"""The demo log keeps its promises: exact truth, causes in the leavers' last rows, dirt in known shares."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import rankdata

from features.external.attributes import with_attributes
from pipeline.config.params import load_params
from pipeline.config.sections import Simulate
from pipeline.demo.behaviour.hazard import Mood, Strain, draw_cause, leaving_rates
from pipeline.demo.draws import Stream
from pipeline.demo.output import dirt
from pipeline.demo.world import gaps
from pipeline.demo.world.clock import LAST_DAY
from pipeline.demo.world.kinds import CAUSES, KINDS
from pipeline.external.users_table import checked_users
from pipeline.log.contract_file import load_contract
from pipeline.stages.simulate import run
from pipeline.storage.simulated_state import read_state
from tests.support.paths import CONTRACTS, PARAMS_FILE

HORIZON = 14
LABEL = load_params(PARAMS_FILE).label.model_copy(update={"horizon_days": HORIZON})
CONTRACT = CONTRACTS / "demo.yaml"


def simulate(folder: Path, users: int = 50, days: int = 30, seed: int = 7) -> Path:
    run(Simulate(users=users, days=days, seed=seed), LABEL, folder)
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(tmp_path_factory.mktemp("demo"), users=5000, days=180)


@pytest.fixture(scope="module")
def truth(demo: Path) -> pl.DataFrame:
    """The truth with `churned`, known from the truth's own days, and `ripe`."""
    days_to_next = (pl.col("login_day").shift(-1).over("user_id") - pl.col("login_day")).dt.total_days()
    return pl.read_parquet(demo / "truth.parquet").with_columns(
        churned=days_to_next.fill_null(HORIZON + 1) > HORIZON,
        ripe=pl.col("login_day") <= LAST_DAY - pl.duration(days=HORIZON),
    )


@pytest.fixture(scope="module")
def events(demo: Path) -> pl.DataFrame:
    return pl.read_parquet(demo / "events.parquet")


def clean(events: pl.DataFrame) -> pl.DataFrame:
    """The lines that a careful reader keeps."""
    return (
        events.unique("event_id", maintain_order=True)
        .filter(pl.col("user_id").fill_null("") != "", pl.col("kind") != dirt.UNKNOWN_KIND)
        .with_columns(pl.col("at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False).alias("at"))
        .with_columns(pl.col("at").dt.date().alias("day"))
        .filter(pl.col("day") <= LAST_DAY)
    )


def auc(churned: pl.Series, probability: pl.Series) -> float:
    """Mann and Whitney's."""
    rank, bad = rankdata(probability.to_numpy()), churned.to_numpy()
    ones = bad.sum()
    return float((rank[bad].sum() - ones * (ones + 1) / 2) / (ones * (bad.size - ones)))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    one, again = simulate(tmp_path / "one"), simulate(tmp_path / "again")
    other = simulate(tmp_path / "other", seed=8)
    for name in ("events.parquet", "users.parquet", "truth.parquet"):
        assert (one / name).read_bytes() == (again / name).read_bytes()
        assert (one / name).read_bytes() != (other / name).read_bytes()


def test_the_lines_of_the_smallest_log_are_those_of_earlier_versions(tmp_path: Path) -> None:
    lines = pl.read_parquet(simulate(tmp_path) / "events.parquet").write_csv()
    digest = "ce2a5bd11e9f7e5673103a4c528c58b855566f53b0b6adfbbce6d370b8fd354c"
    assert sha256(lines.encode()).hexdigest() == digest


def test_the_smallest_log_has_all_files_and_users(tmp_path: Path) -> None:
    folder = simulate(tmp_path)
    assert pl.read_parquet(folder / "users.parquet")["user_id"].n_unique() == 50
    assert pl.read_parquet(folder / "truth.parquet").height > 50
    state = read_state(folder / "state")
    assert state.people.signup_day.size == state.world.left.size == 50
    assert state.days == 30


def test_the_truths_login_days_are_those_of_the_clean_events(
    events: pl.DataFrame, truth: pl.DataFrame
) -> None:
    present = clean(events).filter(pl.col("kind") != "ticket_answered")
    logins = present.select("user_id", pl.col("day").alias("login_day")).unique().sort("user_id", "login_day")
    assert logins.equals(truth.select("user_id", "login_day"))
    logged_in = clean(events).filter(pl.col("kind") == "login").select("user_id", "day").unique()
    assert logged_in.height == truth.height


def test_true_probabilities_are_calibrated_on_ripe_rows(truth: pl.DataFrame) -> None:
    ripe = truth.filter("ripe")
    probability = ripe["probability"].to_numpy()
    surprise = (ripe["churned"].to_numpy() - probability).sum()
    assert abs(surprise) < 4 * np.sqrt((probability * (1 - probability)).sum())


def test_it_is_as_hard_as_life(truth: pl.DataFrame) -> None:
    ripe = truth.filter("ripe")
    assert 0.04 < ripe["churned"].sum() / ripe.height < 0.10
    assert 0.85 < auc(ripe["churned"], ripe["probability"]) < 0.93


def test_causes_are_planted_in_the_last_rows_of_leavers_and_nowhere_else(truth: pl.DataFrame) -> None:
    last = pl.col("login_day") == pl.col("login_day").max().over("user_id")
    left = truth.filter("left")
    assert truth.select((pl.col("left") == pl.col("cause").is_not_null()).all()).item()
    assert truth.select((last | ~pl.col("left")).all()).item()
    assert set(left["cause"]) == set(CAUSES)


def test_the_strongest_cause_is_the_one_drawn_most_often(truth: pl.DataFrame) -> None:
    planted = truth.filter("left", pl.col("cause") != "other")
    assert truth.select((pl.col("left") == pl.col("strongest").is_not_null()).all()).item()
    assert "other" not in planted["strongest"]
    assert 0.75 < planted.select((pl.col("cause") == pl.col("strongest")).mean()).item() < 0.95


def test_a_user_who_left_never_logs_in_again(events: pl.DataFrame, truth: pl.DataFrame) -> None:
    gone = truth.filter("left").select("user_id", left_on="login_day")
    after = clean(events).filter(pl.col("kind") != "ticket_answered").join(gone, on="user_id")
    assert after.filter(pl.col("day") > pl.col("left_on")).is_empty()


def test_the_log_does_not_fade_out(truth: pl.DataFrame) -> None:
    active = truth.group_by("login_day").len().sort("login_day")["len"].to_numpy()
    assert active[-14:].mean() / active[:14].mean() == pytest.approx(1, abs=0.25)


def test_dirt_comes_in_its_documented_shares(events: pl.DataFrame) -> None:
    extra = pl.col("event_id").str.starts_with("x")
    true = events.filter(~extra)
    distinct = true.unique("event_id")
    users = pl.col("user_id").fill_null("") == ""
    paid = distinct.filter(pl.col("amount").is_not_null())
    read = pl.col("at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False)
    added = events.filter(extra)
    counted = {
        "duplicates": (true.height - distinct.height, dirt.DUPLICATES * distinct.height),
        "kinds": (
            added.filter(pl.col("kind") == dirt.UNKNOWN_KIND).height,
            dirt.UNKNOWN_KINDS * distinct.height,
        ),
        "users": (added.filter(users).height, dirt.NO_USERS * distinct.height),
        "times": (added.filter(read.is_null()).height, dirt.BAD_TIMES * distinct.height),
        "amounts": (
            paid.filter(pl.col("amount").is_in(dirt.NOT_AMOUNTS)).height,
            dirt.BAD_AMOUNTS * paid.height,
        ),
    }
    for fault, (found, expected) in counted.items():
        assert found == pytest.approx(expected, abs=5 * np.sqrt(expected)), fault
    assert added.filter(pl.col("at").is_in(dirt.NOT_YET)).height == dirt.CLOCK_FAULTS
    assert true.filter(users | read.is_null()).is_empty()
    assert true.filter(~pl.col("kind").is_in(KINDS)).is_empty()


def test_who_has_paid_a_subscription_is_on_that_plan_as_the_day_ends(
    demo: Path, events: pl.DataFrame
) -> None:
    contract = load_contract(CONTRACT)
    assert contract.users is not None
    users = contract.users.model_copy(update={"path": str(demo / "users.parquet")})
    held, attributes = checked_users(contract, users)
    assert [one.name for one in attributes] == ["country", "channel", "plan"]
    paid = clean(events).filter(pl.col("kind") == "subscription_paid").select("user_id", "day").sort("day")
    known = with_attributes(paid, held)
    assert known["user.plan@external"].unique().to_list() == ["subscription"]
    assert held.group_by("user_id").len()["len"].max() > 3
    lost = held.filter(pl.col("plan") == "free", pl.col("from_day") > LAST_DAY - pl.duration(days=180))
    assert lost.join(paid, left_on=["user_id", "from_day"], right_on=["user_id", "day"]).is_empty()


def test_late_lines_stand_after_lines_that_happened_later(events: pl.DataFrame) -> None:
    first_copies = events.filter(pl.col("event_id").str.starts_with("e")).unique(
        "event_id", keep="first", maintain_order=True
    )
    written = first_copies["event_id"].str.slice(1).cast(pl.Int64)
    late = (written < written.cum_max()).sum() / written.len()
    assert late == pytest.approx(dirt.LATE, abs=0.002)


def test_amounts_come_in_several_currencies_and_refunds_are_negative(events: pl.DataFrame) -> None:
    paid = clean(events).filter(pl.col("amount").is_not_null())
    amount = pl.col("amount").cast(pl.Float64, strict=False)
    assert {"EUR", "USD", "GBP", "PLN", "TRY", "BRL", "JPY", "ZAR"} <= set(paid["currency"])
    signs = paid.group_by("kind").agg(amount.min().alias("least"), amount.max().alias("most"))
    for kind, least, most in signs.iter_rows():
        assert most < 0 if kind == "refund" else least > 0


def test_the_contract_knows_every_kind_but_the_dirt(events: pl.DataFrame) -> None:
    contract = load_contract(CONTRACT)
    assert set(contract.kind_groups) == set(KINDS)
    assert set(contract.presence.kinds or ()) == set(KINDS) - {"ticket_answered"}
    assert set(events["kind"]) == {*KINDS, dirt.UNKNOWN_KIND}


def test_whose_currency_falls_buys_less_just_as_stated(events: pl.DataFrame, truth: pl.DataFrame) -> None:
    bought = clean(events).filter(pl.col("kind") == "purchase").group_by("user_id", "day").len("bought")
    mood = 0.3 * pl.col("latent_engagement") - 0.5 * pl.col("latent_bad_support")
    unshocked = pl.col("latent_generosity") * mood.exp()
    days = truth.join(
        bought, left_on=["user_id", "login_day"], right_on=["user_id", "day"], how="left"
    ).with_columns(unshocked=unshocked, stated=unshocked * (-1.6 * pl.col("latent_price_shock")).exp())
    calm = days.filter(pl.col("latent_price_shock") < 0.1).sum()
    shocked = days.filter(pl.col("latent_price_shock") > 0.2).sum()
    for total in (calm, shocked):
        assert abs(total["bought"].item() - total["stated"].item()) < 4 * np.sqrt(total["stated"].item())
    assert shocked["bought"].item() < 0.8 * shocked["unshocked"].item()


def test_the_gap_is_drawn_from_the_law_that_is_stated() -> None:
    rng, pull = np.random.default_rng(3), gaps.pulls(HORIZON)[2]
    for rhythm in range(3):
        scale = np.full(40_000, 4.0)
        who = np.full(scale.size, rhythm)
        drawn = gaps.draw(Stream(rng), who, pull, who, scale)
        assert drawn.min() == 1
        for days in (1, 3, 7, HORIZON):
            stated = gaps.longer_than(days, pull, who, scale)[0]
            assert (drawn > days).mean() == pytest.approx(stated, abs=4 * np.sqrt(0.25 / scale.size))


def test_a_cause_drives_away_those_who_mind_it() -> None:
    none, much = np.zeros(2), np.ones(2)
    achiever_and_socialiser = np.array([[1.0, 0, 0, 0, 0], [0, 0, 1.0, 0, 0]])
    mood = Mood(engagement=none, style=achiever_and_socialiser, spends=none, logins=np.full(2, 50.0))
    strain = Strain(stuck=much, friends_gone=none, price_shock=none, bad_support=none, boredom=none)
    rates = leaving_rates(strain, mood)
    achiever, socialiser = rates[CAUSES.index("stuck")]
    assert achiever > 10 * socialiser
    many = np.repeat(rates[:, :1], 20_000, axis=1)
    blamed = draw_cause(Stream(np.random.default_rng(5)), np.arange(20_000), many) == CAUSES.index("stuck")
    assert blamed.mean() == pytest.approx(achiever / rates[:, 0].sum(), abs=0.015)
