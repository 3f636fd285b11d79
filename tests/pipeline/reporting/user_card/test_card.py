"""A user's card shows what is known, says which scores were forecasts, and an unknown user is refused."""

import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from typer.testing import CliRunner

from features.define import DIMENSIONS, LIST_DIMENSIONS
from pipeline.cli import app
from pipeline.config.sections import RiskBands
from pipeline.errors import InputError
from pipeline.reporting.user_card.card import UserCard, user_card
from pipeline.reporting.user_card.files import picture, score_history, write_html, write_png
from pipeline.reporting.user_card.lookup import near_ids
from pipeline.reporting.user_card.terminal import for_terminal
from pipeline.storage.datasets import CRM_EXPLAINED, CRM_TABLE, PROFILE_TABLE, STYLES_REPORT, TEST_PREDICTIONS
from pipeline.storage.files import read_json
from pipeline.storage.frames import read_buckets, write_parquet
from tests.support.finished import finished
from tests.support.paths import PARAMS_FILE

BANDS = RiskBands(high_from=0.5, medium_from=0.2)
STYLED = {
    "style": "Quiet socials", "style_before": "Daily players", "play": "bring_answers",
    "play_style": "Mostly quests", "play_style_before": "Mostly trade", "play_style_text": None,
    "next_step": "Bring <them> together.", "goal_text": "two more quests", "cause_1": "UNANSWERED",
    "points_rhythm": 0.113, "standing_rhythm": 83.0, "goal_probability": 0.1, "goal_instead_of": 0.3,
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished(tmp_path_factory.mktemp("card"))


@pytest.fixture(scope="module")
def listed(root: Path) -> dict[str, object]:
    ripe = read_buckets(root / "data/logins").filter("ripe").select("user_id")
    told = pl.read_parquet(root / CRM_TABLE.path).filter(pl.col("reason_1_text").is_not_null())
    return told.join(ripe, on="user_id", how="semi").row(0, named=True)


@pytest.fixture(scope="module")
def card(root: Path, listed: dict[str, object]) -> UserCard:
    return user_card(str(listed["user_id"]), BANDS, 1_000, root)


def shown_in_terminal(card: UserCard, width: int = 80) -> str:
    console = Console(width=width, record=True, file=StringIO())
    console.print(for_terminal(card))
    return console.export_text()


def test_the_risk_is_the_lists_and_knows_the_silence(card: UserCard, listed: dict[str, object]) -> None:
    assert (card.risk, card.band, card.silent_days) == (
        listed["churn_probability"], listed["risk_band"], listed["silent_days"],
    )  # fmt: skip
    assert card.as_of == listed["as_of"]
    assert [bar.name for bar in card.bars] == list(LIST_DIMENSIONS)
    assert card.reasons[0] == listed["reason_1_text"]
    assert "style" in card.words


def test_the_points_of_a_listed_user_add_up_to_the_number_on_the_list(root: Path) -> None:
    """The silence is a dimension with points of its own."""
    silent = pl.read_parquet(root / CRM_TABLE.path).filter(pl.col("silent_days") > 0)
    ripe = read_buckets(root / "data/logins").filter("ripe").select("user_id")
    user_id = silent.join(ripe, on="user_id", how="semi")["user_id"][0]
    shown_card = user_card(user_id, BANDS, 90, root)
    base = pl.read_parquet(root / CRM_EXPLAINED.path).filter(user_id=user_id)["base_probability"].item()
    points = [bar.points for bar in shown_card.bars if bar.points is not None]
    assert shown_card.bars[-1].name == "silence"
    assert shown_card.bars[-1].points != 0
    assert base + sum(points) == pytest.approx(shown_card.risk)


def test_every_score_says_whether_it_was_a_forecast(root: Path, card: UserCard) -> None:
    rows = read_buckets(root / "data/logins").filter(user_id=card.user_id).sort("login_day")
    tests = pl.read_parquet(root / TEST_PREDICTIONS.path).filter(user_id=card.user_id)
    tested = dict(tests.select("login_day", "probability").iter_rows())
    assert [moment.login_day for moment in card.history] == rows["login_day"].to_list()
    forecast = [day in tested or not ripe for day, ripe in rows.select("login_day", "ripe").iter_rows()]
    assert [moment.forecast for moment in card.history] == forecast
    assert all(
        moment.probability == tested.get(moment.login_day, moment.probability) for moment in card.history
    )
    assert card.history[-1].probability == pytest.approx(card.login_probability)
    assert [moment.churned is None for moment in card.history] == (~rows["ripe"]).to_list()
    fitted = len(forecast) - sum(forecast)
    assert card.history_note.startswith(f"{fitted} of {len(forecast)} scores") == bool(fitted)


def test_the_scores_are_those_of_the_days_asked_for(root: Path, card: UserCard) -> None:
    few = user_card(card.user_id, BANDS, 1, root)
    assert [moment.login_day for moment in few.history] == [card.login_day]


def test_the_terminal_shows_risk_dimensions_reasons_and_scores_in_80_columns(card: UserCard) -> None:
    shown = shown_in_terminal(card)
    assert card.headline in shown
    assert all(name in shown for name in DIMENSIONS)
    assert f"1. {card.reasons[0]}" in " ".join(shown.replace("│", "").split())
    assert f"{card.login_day}" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_style_play_and_goal_are_shown_where_they_are(root: Path, card: UserCard, tmp_path: Path) -> None:
    for name in (PROFILE_TABLE.path, CRM_TABLE.path):
        write_parquet(pl.read_parquet(root / name), tmp_path / name)
    for folder in ("data/logins", "data/activity", "data/model", "data/predictions"):
        (tmp_path / folder).symlink_to(root / folder)
    for name in (PROFILE_TABLE.path, CRM_EXPLAINED.path):
        table = pl.read_parquet(root / name)
        values = {column: pl.lit(value) for column, value in STYLED.items() if column in table.columns}
        write_parquet(table.with_columns(**values), tmp_path / name)
    styled = user_card(card.user_id, BANDS, 90, tmp_path)
    assert styled.words["goal"] == "two more quests (risk at that login: 10% instead of 30%)"
    shown = shown_in_terminal(styled)
    for text in (
        "Quiet socials",
        "Daily players",
        "Mostly quests",
        "Mostly trade",
        "bring_answers",
        "two more quests",
        "UNANSWERED",
        "+11.3",
        "83% of peers",
    ):
        assert text in shown
    write_html(styled, tmp_path / "out/card.html")
    page = (tmp_path / "out/card.html").read_text("utf-8")
    assert "Quiet socials" in page
    assert "<th>play style</th><td>Mostly quests</td>" in page
    assert "Bring &lt;them&gt; together." in page
    assert f"goal: {styled.words['goal']}" in picture(styled).to_dict()["title"]["subtitle"]


def test_without_a_play_style_the_card_says_why(card: UserCard) -> None:
    assert card.words["play style"] == "not known: the log has fewer than three groups or kinds of events"


def test_of_whom_too_little_is_known_the_card_says_so_and_gives_no_reasons(
    root: Path, card: UserCard, tmp_path: Path
) -> None:
    for folder in ("data/logins", "data/activity", "data/model", "data/predictions"):
        (tmp_path / folder).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / folder).symlink_to(root / folder)
    thin = STYLED | {
        "evidence": "thin", "evidence_rate": 0.48, "evidence_text": "too little to go by: login 1",
    }  # fmt: skip
    people = pl.read_parquet(root / PROFILE_TABLE.path).with_columns(
        **{name: pl.lit(v) for name, v in thin.items()}
    )
    write_parquet(people, tmp_path / PROFILE_TABLE.path)
    thin_card = user_card(card.user_id, BANDS, 90, tmp_path)
    assert (thin_card.reasons, thin_card.causes, thin_card.risk, thin_card.login_probability) == (
        (),
        (),
        0.48,
        0.48,
    )
    assert "goal" not in thin_card.words
    assert next(iter(thin_card.words.items())) == ("evidence", "too little to go by: login 1")


def test_a_style_is_told_with_its_line_and_causes_in_words(root: Path, card: UserCard) -> None:
    says = {style["name"]: style["says"] for style in read_json(root / STYLES_REPORT.path)["styles"]}
    assert card.words["such users"] == says[card.words["style"]]
    for cause in card.causes:
        assert cause == cause.lower() or cause.endswith(")")
        assert " (" in cause


def test_a_risk_is_never_told_as_none_or_certain(card: UserCard) -> None:
    assert replace(card, risk=0.9968).percent == "over 99%"
    assert replace(card, risk=0.001).headline.startswith("under 1% risk")
    assert replace(card, risk=0.5).percent == "50%"
    assert replace(card, silent_days=0).headline.endswith("(last login on that day)")
    assert replace(card, silent_days=1).headline.endswith("(last login 1 day before)")
    assert replace(card, silent_days=2).headline.endswith("(last login 2 days before)")


def test_a_rate_of_nought_is_a_rate_and_a_small_step_across_the_edge_is_told_in_tenths(
    root: Path, card: UserCard, tmp_path: Path
) -> None:
    for folder in ("data/logins", "data/activity", "data/model", "data/predictions"):
        (tmp_path / folder).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / folder).symlink_to(root / folder)
    values = STYLED | {
        "login_probability": 0.304,
        "goal_probability": 0.296,
        "goal_instead_of": 0.304,
        "evidence_rate": 0.0,
    }
    people = pl.read_parquet(root / PROFILE_TABLE.path).with_columns(
        **{name: pl.lit(v) for name, v in values.items()}
    )
    write_parquet(people, tmp_path / PROFILE_TABLE.path)
    shown_card = user_card(card.user_id, BANDS, 90, tmp_path)
    assert shown_card.words["goal"].endswith("(risk at that login: 29.6% instead of 30.4%)")
    assert shown_card.login_probability == 0.0


def test_the_page_and_the_picture_need_no_network(card: UserCard, tmp_path: Path) -> None:
    write_html(card, tmp_path / "card.html")
    write_png(card, tmp_path / "card.png")
    page = (tmp_path / "card.html").read_text("utf-8")
    assert "http" not in page
    assert "<script" not in page
    assert card.reasons[0] in page
    assert (tmp_path / "card.png").read_bytes().startswith(b"\x89PNG")


def test_a_card_without_scores_or_reasons_is_still_a_card(card: UserCard, tmp_path: Path) -> None:
    bare = replace(card, history=(), reasons=())
    assert "Scores" not in shown_in_terminal(bare)
    write_html(bare, tmp_path / "card.html")
    write_png(bare, tmp_path / "card.png")


def test_a_user_who_is_not_on_the_list_has_the_risk_of_the_last_login(root: Path) -> None:
    on_list = pl.read_parquet(root / CRM_TABLE.path).select("user_id")
    gone = (
        pl.read_parquet(root / PROFILE_TABLE.path).join(on_list, on="user_id", how="anti").row(0, named=True)
    )
    shown_card = user_card(gone["user_id"], BANDS, 90, root)
    assert (shown_card.risk, shown_card.silent_days) == (gone["login_probability"], None)
    assert "at the last login" in shown_card.headline


def test_a_low_risk_of_one_who_has_left_says_so(card: UserCard, tmp_path: Path) -> None:
    last = replace(card.history[-1], churned=True, forecast=False)
    gone = replace(card, as_of=None, silent_days=None, risk=0.05, band="low", history=(last,))
    assert gone.headline == "5% risk at the last login: low (churned since)"
    write_html(gone, tmp_path / "card.html")
    assert "at the last login (churned since)" in (tmp_path / "card.html").read_text("utf-8")
    assert "(churned since)" not in replace(gone, history=(replace(last, churned=False),)).headline


def test_an_id_is_shown_as_it_is_whatever_its_characters(card: UserCard, tmp_path: Path) -> None:
    odd = replace(card, user_id='[/b]<i>"ü[red]')
    assert 'user [/b]<i>"ü[red]' in shown_in_terminal(odd)
    write_html(odd, tmp_path / "card.html")
    write_png(odd, tmp_path / "card.png")
    assert "[/b]&lt;i&gt;&#34;ü[red]" in (tmp_path / "card.html").read_text("utf-8")


def test_a_single_score_is_no_movement(card: UserCard) -> None:
    one = replace(card, silent_days=0, history=(replace(card.history[-1], probability=0.3, forecast=False),))
    assert score_history(one).to_dict()["title"]["text"] == "30% at the only login of these days"
    assert one.history_note == "the model was fitted on this login, so the score is not a forecast"


def test_an_unknown_user_is_refused_with_near_ids_and_the_number_of_users(root: Path, card: UserCard) -> None:
    count = pl.read_parquet(root / PROFILE_TABLE.path).height
    with pytest.raises(
        InputError, match=f"(?s)no user '{card.user_id}x' among {count}.*Did you mean '{card.user_id}'"
    ):
        user_card(f"{card.user_id}x", BANDS, 90, root)
    with pytest.raises(InputError, match="no user '@' among"):
        user_card("@", BANDS, 90, root)


def test_a_user_without_a_login_is_told_apart_from_an_unknown_one(
    root: Path, card: UserCard, tmp_path: Path
) -> None:
    people = pl.read_parquet(root / PROFILE_TABLE.path).filter(pl.col("user_id") != card.user_id)
    write_parquet(people, tmp_path / PROFILE_TABLE.path)
    (tmp_path / "data/activity").symlink_to(root / "data/activity")
    with pytest.raises(InputError, match="is in the log, but has no day that counts as a login"):
        user_card(card.user_id, BANDS, 90, tmp_path)


def test_every_listed_user_has_a_card_that_tells_the_same_as_the_list(root: Path) -> None:
    """Users of whom no outcome is known yet have one, too; the silence ends the history with the list's number."""
    listed = pl.read_parquet(root / CRM_TABLE.path)
    ripe = read_buckets(root / "data/logins").filter("ripe").select("user_id")
    unripe = listed.join(ripe, on="user_id", how="anti")
    silent, came = listed.filter(pl.col("silent_days") > 0), listed.filter(pl.col("silent_days") == 0)
    assert min(unripe.height, silent.height, came.height) > 0
    for row in [*unripe.head(3).to_dicts(), *silent.head(3).to_dicts(), *came.head(3).to_dicts()]:
        card = user_card(row["user_id"], BANDS, 90, root)
        assert (card.risk, card.band) == (row["churn_probability"], row["risk_band"])
        assert list(card.reasons) == [row[f"reason_{n}_text"] for n in (1, 2, 3) if row[f"reason_{n}_text"]]
        assert card.words.get("silence") == row["silence_text"]
        assert card.words.get("next step") == row["next_step"]
        assert ("do not contact" in card.words["decision"]) == (row["action"] != "contact")
        assert (card.on_list is not None) == (row["silent_days"] > 0)
        points = sum(bar.points for bar in card.bars)
        if row["evidence"] != "thin":
            assert card.base + points == pytest.approx(row["churn_probability"])


def test_near_ids_among_many_users_share_a_beginning_or_an_end() -> None:
    users = pl.Series([f"u{number:06d}" for number in range(20_000)])
    assert near_ids("u0123456", users)
    assert "u012345" in near_ids("u012345", users.filter(users != "u012345").extend(pl.Series(["u012345"])))


def test_without_profiles_the_command_ends_with_code_2_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "params.yaml").write_text(PARAMS_FILE.read_text("utf-8"), "utf-8")
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(app, ["profile", "anybody"])
    assert ended.exit_code == 2
    assert "Make the profiles: dvc repro profile" in ended.output


@pytest.mark.parametrize(
    ("damaged", "left"),
    [
        (PROFILE_TABLE.path, b"PAR1 cut"),
        (CRM_TABLE.path, b""),
        (TEST_PREDICTIONS.path, b"PAR1"),
        (STYLES_REPORT.path, b"{nope"),
        (STYLES_REPORT.path, b"[]"),
    ],
)
def test_a_damaged_file_is_named(
    root: Path, card: UserCard, tmp_path: Path, damaged: Path, left: bytes
) -> None:
    copied = shutil.copytree(root, tmp_path / "copy")
    (copied / damaged).write_bytes(left)
    with pytest.raises(InputError, match=rf"{damaged.name}: damaged: .*\n.*dvc repro"):
        user_card(card.user_id, BANDS, 1_000, copied)


def test_no_more_days_can_be_asked_for_than_a_calendar_has() -> None:
    ended = CliRunner().invoke(app, ["profile", "anybody", "--days", "99999999"])
    assert (ended.exit_code, "--days" in ended.output) == (2, True)


def test_profiles_of_another_version_are_named(root: Path, card: UserCard, tmp_path: Path) -> None:
    copied = shutil.copytree(root, tmp_path / "copy")
    pl.read_parquet(root / PROFILE_TABLE.path).drop("social", "login_number").write_parquet(
        copied / PROFILE_TABLE.path
    )
    with pytest.raises(
        InputError, match=r"has no column login_number, social: .* another version.\n.*dvc repro"
    ):
        user_card(card.user_id, BANDS, 1_000, copied)
