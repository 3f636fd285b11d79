"""Outputs appear together or not at all, wherever the writer is killed; two writers do not meet."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.storage.commit import finish_commits, written_together
from tests.support.killed import OUTPUTS, write_all
from tests.support.paths import ROOT


def texts(path: Path) -> set[str]:
    """What the files at and below `path` say, read as any reader reads: a commit is finished first."""
    finish_commits(path)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return {file.read_text("utf-8") for file in files}


def files_below(root: Path) -> list[str]:
    return sorted(file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file())


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What a kill before each file operation has left; the last was not killed."""
    folder = tmp_path_factory.mktemp("kills")
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.killed", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [folder / str(number) for number in range(int(done.stdout))]


@pytest.mark.parametrize("first", sorted(OUTPUTS))
def test_after_a_kill_anywhere_readers_find_all_of_the_old_or_all_of_the_new(
    kills: list[Path], first: str, tmp_path: Path
) -> None:
    states = []
    for kill in kills:
        root = tmp_path / kill.name
        shutil.copytree(kill, root)
        order = [first, *(name for name in OUTPUTS if name != first)]
        contents = [texts(root / OUTPUTS[name]) for name in order]
        assert contents in ([{"old"}] * len(OUTPUTS), [{"new"}] * len(OUTPUTS)), f"killed before {kill.name}"
        assert len(list((root / OUTPUTS["rows"]).rglob("part"))) == 2
        states.append(contents[0])
    assert len(states) > 50
    assert states == sorted(states, key=lambda contents: contents == {"new"}), "once it is new it stays so"
    assert states[0] == {"old"}
    assert states[-1] == {"new"}


def test_after_a_kill_anywhere_the_next_start_writes_all_and_leaves_nothing_behind(
    kills: list[Path], tmp_path: Path
) -> None:
    for kill in kills:
        root = tmp_path / kill.name
        shutil.copytree(kill, root)
        write_all(root, "next")
        assert set().union(*(texts(root / path) for path in OUTPUTS.values())) == {"next"}
        assert files_below(root) == files_below(kills[0].parent / "before")


def test_after_a_kill_anywhere_a_next_start_that_fails_leaves_all_of_the_old_or_all_of_the_new(
    kills: list[Path], tmp_path: Path
) -> None:
    for kill in kills:
        root = tmp_path / kill.name
        shutil.copytree(kill, root)
        with pytest.raises(ZeroDivisionError), written_together({"csv": root / OUTPUTS["csv"]}):
            raise ZeroDivisionError
        contents = set().union(*(texts(root / path) for path in OUTPUTS.values()))
        assert contents in ({"old"}, {"new"})


def test_a_commit_that_breaks_off_with_an_error_is_finished_by_the_next_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(tmp_path, "old")
    moved, rename = [], Path.rename

    def full(path: Path, target: Path) -> Path:
        moved.append(path)
        if len(moved) > 2:
            raise OSError("the disk is gone")
        return rename(path, target)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "rename", full)
        with pytest.raises(OSError, match="the disk is gone"):
            write_all(tmp_path, "new")
    assert set().union(*(texts(tmp_path / path) for path in OUTPUTS.values())) == {"new"}


def test_an_output_that_was_not_written_leaves_all_others_as_they_were(tmp_path: Path) -> None:
    write_all(tmp_path, "old")
    targets = {"csv": tmp_path / OUTPUTS["csv"], "parquet": tmp_path / OUTPUTS["parquet"]}
    with pytest.raises(FileNotFoundError, match="nothing was written"), written_together(targets) as new:
        new["csv"].write_text("new", "utf-8")
    assert {texts(path).pop() for path in targets.values()} == {"old"}


def test_the_second_writer_is_refused_with_the_process_id_of_the_first(tmp_path: Path) -> None:
    held = (
        "import sys, time; from pathlib import Path; from pipeline.storage.commit import written_together\n"
        "with written_together({'a': Path(sys.argv[1])}):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    target = tmp_path / "list.csv"
    command = [sys.executable, "-c", held, str(target)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with (
            pytest.raises(InputError, match=rf"list\.csv: process {first.pid} is writing it\.\nWait"),
            written_together({"a": target}),
        ):
            pass
        first.kill()
    with written_together({"a": target}) as new:  # a dead process holds nothing
        new["a"].write_text("second", "utf-8")
    assert files_below(tmp_path) == ["list.csv"]


def test_a_process_cannot_meet_itself_and_other_outputs_are_free(tmp_path: Path) -> None:
    with written_together({"a": tmp_path / "a"}) as new:
        new["a"].write_text("a", "utf-8")
        with written_together({"b": tmp_path / "b"}) as other:
            other["b"].write_text("b", "utf-8")
        with (
            pytest.raises(InputError, match=f"process {os.getpid()} is writing it"),
            written_together({"a": tmp_path / "a"}),
        ):
            pass
    assert files_below(tmp_path) == ["a", "b"]


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_text("kept", "utf-8")
    (tmp_path / "out").symlink_to(tmp_path / "kept")
    with written_together({"out": tmp_path / "out"}) as new:
        new["out"].mkdir()
    assert (tmp_path / "kept/file").read_text("utf-8") == "kept"
    assert (tmp_path / "out").is_dir()
    assert not (tmp_path / "out").is_symlink()
