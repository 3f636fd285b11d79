"""Users are called by pseudonyms that hang on a key, and a key that git keeps is refused."""

import subprocess
from pathlib import Path

import pytest

from pipeline.config.sections import Tracking
from pipeline.errors import InputError
from pipeline.tracking.pseudonyms import ID_KEY, naming_of, pseudonym, renamed


def tracking(key_file: Path | None = None, user_ids: str = "hashed") -> Tracking:
    return Tracking.model_validate(
        {
            "uri": None, "experiment": "e", "model_name": "m", "user_ids": user_ids,
            "id_key_file": None if key_file is None else str(key_file),
        }
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ID_KEY, raising=False)


def test_the_key_is_the_environments_or_else_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("of the file\n")
    assert naming_of(tracking())("anna") == pseudonym("anna", "")
    assert naming_of(tracking(tmp_path / "key"))("anna") == pseudonym("anna", "of the file")
    monkeypatch.setenv(ID_KEY, "of the environment")
    assert naming_of(tracking(tmp_path / "key"))("anna") == pseudonym("anna", "of the environment")
    assert naming_of(tracking(user_ids="plain"))("anna") == "anna"


def test_pseudonyms_without_a_key_are_said_to_be_weak(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    naming_of(tracking())
    assert "without a key, which a list of ids can undo; set LASTLOGIN_ID_KEY" in capsys.readouterr().err
    naming_of(tracking(user_ids="plain"))
    monkeypatch.setenv(ID_KEY, "secret")
    naming_of(tracking())
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("content", "message"), [(None, "not readable"), (" \n", "the file is empty")])
def test_a_key_file_without_a_key_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)
    with pytest.raises(InputError, match=f"tracking.id_key_file = .*key: {message}"):
        naming_of(tracking(tmp_path / "key"))


@pytest.mark.parametrize(("ignored", "added"), [(False, False), (False, True), (True, True), (True, False)])
def test_a_key_that_git_keeps_is_refused(tmp_path: Path, ignored: bool, added: bool) -> None:  # noqa: FBT001
    (tmp_path / "key").write_text("secret")
    (tmp_path / ".gitignore").write_text("key" if ignored else "")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    if added:
        subprocess.run(["git", "-C", str(tmp_path), "add", "-f", "key"], check=True)
    if ignored and not added:
        assert naming_of(tracking(tmp_path / "key"))("anna") == pseudonym("anna", "secret")
        return
    with pytest.raises(InputError, match="git keeps this file"):
        naming_of(tracking(tmp_path / "key"))


def test_user_ids_inside_json_are_called_by_their_pseudonyms_and_nothing_else_changes() -> None:
    report = {"u1": {"users": ["u1", "u2"], "size": 2}, "name": "u10", "share": 0.5}
    assert renamed(report, ["u1", "u2"], str.upper) == {
        "U1": {"users": ["U1", "U2"], "size": 2}, "name": "u10", "share": 0.5,
    }  # fmt: skip
