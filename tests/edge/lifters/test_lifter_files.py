"""What a box keeps of its lifters: for its owner alone, of so many, and gone when it is to be forgotten."""

from __future__ import annotations

import fcntl
import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.lifters import files as lifter_files
from edge.lifters.files import Kept, LifterFiles
from edge.motion.known_body import measured

KEPT = Kept(height_m=1.81, tape_m=(0.45, 0.43), body=measured(0.45, 0.43, 1.81))


def put(files: LifterFiles, lifter: str, kept: Kept = KEPT) -> Kept | None:
    return files.change(lifter, lambda _was: kept)


def again(was: Kept | None) -> Kept | None:
    return KEPT if was is not None else None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lifters"


@pytest.fixture
def files(tmp_path: Path) -> LifterFiles:
    return LifterFiles(tmp_path)


def test_what_was_kept_comes_back_to_the_last_bit(files: LifterFiles, folder: Path) -> None:
    """A file and a folder that nobody else may read, and no draft is left."""
    assert files.load("k7f3") is None
    assert put(files, "k7f3") == KEPT
    assert files.load("k7f3") == KEPT
    (file,) = folder.iterdir()
    assert (file.name, file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == ("k7f3.json", 0o600, 0o700)
    assert put(files, "k7f3", Kept(height_m=1.7)) == Kept(height_m=1.7)
    assert files.load("k7f3") == Kept(height_m=1.7)


@pytest.mark.parametrize(
    "damage",
    [
        b"", b"\x00" * 700, b"{", b"[]", b'{"height_m": "tall"}', b'{"height_m": 4.0}', b'{"tape_m": [0.4]}',
        b"\xff\xfe",
        b'{"name": "somebody"}', b'{"body": {"thigh_m": 0.4, "shank_m": 0.4, "covariance": [0,0,0,0,0,0,0,0,0,0]}}',
        b" " * 70_000,
    ],
)  # fmt: skip
def test_a_damaged_file_is_put_aside_and_forgotten(
    damage: bytes, files: LifterFiles, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With a warning, once; a lifter whose file it was begins anew, and a second takes the place of the first."""
    for _ in range(2):
        put(files, "k7f3")
        (folder / "k7f3.json").write_bytes(damage)
        with caplog.at_level(logging.WARNING):
            assert files.load("k7f3") is None
        assert len(caplog.records) == 1
        caplog.clear()
        assert files.load("k7f3") is None
        assert [path.name for path in folder.iterdir()] == ["k7f3.json.damaged"]


def test_what_is_forgotten_is_gone_with_all_that_was_put_aside(files: LifterFiles, folder: Path) -> None:
    """And of somebody who was never here nothing is said to be gone."""
    assert not files.forget("k7f3")
    put(files, "k7f3")
    (folder / "k7f3.json").write_bytes(b"?")
    files.load("k7f3")
    put(files, "k7f3")
    put(files, "b2")
    assert files.forget("k7f3")
    assert not files.forget("k7f3")
    assert [path.name for path in folder.iterdir()] == ["b2.json"]


def test_what_was_forgotten_meanwhile_is_not_written_again(files: LifterFiles, tmp_path: Path) -> None:
    """A session goes on while somebody deletes its lifter from outside."""
    put(files, "k7f3")
    LifterFiles(tmp_path).forget("k7f3")
    assert files.change("k7f3", again) is None
    assert files.load("k7f3") is None


def test_who_was_not_seen_for_longest_makes_room(
    files: LifterFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of four where three find room: with what was put aside of theirs."""
    monkeypatch.setattr(lifter_files, "LIFTERS_MAX", 3)
    for name, seen in (("a", 300), ("b", 100), ("c", 200)):
        put(files, name)
        os.utime(folder / f"{name}.json", (seen, seen))
    (folder / "b.json.damaged").write_bytes(b"?")
    put(files, "b")
    os.utime(folder / "b.json", (150, 150))
    assert len(list(folder.glob("*.json"))) == 3
    put(files, "d")
    assert sorted(path.name for path in folder.iterdir()) == ["a.json", "c.json", "d.json"]


@pytest.mark.parametrize("lifter", ["", "../k7f3", "a/b", "A", "k7f3\n", "x" * 33, ".", "a.json"])
def test_what_is_no_id_leads_to_no_file(lifter: str, files: LifterFiles, tmp_path: Path) -> None:
    """Whatever it was read from."""
    for act in (files.load, files.forget, lambda one: put(files, one)):
        with pytest.raises(ValueError, match="is no lifter's id"):
            act(lifter)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_draft_that_a_crash_left_goes_with_its_lifter(files: LifterFiles, folder: Path) -> None:
    """It holds what the file would: forgotten, and gone when room is made for the next one."""
    put(files, "k7f3")
    (folder / "k7f3.json").rename(folder / "k7f3.json.new")
    assert files.forget("k7f3")
    assert not any(folder.iterdir())
    for left in ("b2.json.new", "k7f3.json.new"):
        (folder / left).write_bytes(b"?")
    assert put(files, "k7f3") == KEPT
    assert [path.name for path in folder.iterdir()] == ["k7f3.json"]


def test_a_disk_that_fills_up_leaves_no_draft(
    files: LifterFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the old file."""
    put(files, "k7f3")
    monkeypatch.setattr(os, "fsync", failing(28))
    with pytest.raises(OSError, match="No space left"):
        put(files, "k7f3", Kept())
    assert [path.name for path in folder.iterdir()] == ["k7f3.json"]
    assert files.load("k7f3") == KEPT


def failing(number: int) -> Callable[[int], None]:
    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_the_folder_too_is_written_out(files: LifterFiles, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a file has taken its name or lost it: a box is switched off at the wall."""
    written: list[tuple[bool, list[str]]] = []

    def note(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        written.append((is_folder, sorted(path.name for path in folder.iterdir())))

    monkeypatch.setattr(os, "fsync", note)
    put(files, "k7f3")
    files.forget("k7f3")
    assert written == [(False, ["k7f3.json.new"]), (True, ["k7f3.json"]), (True, [])]


def test_nobody_reads_or_writes_while_another_does(
    files: LifterFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading may put a damaged file aside, which must not be the whole one that came in its place."""
    put(files, "k7f3")
    locked: list[Path] = []

    def note(descriptor: int, how: int) -> None:
        assert how == fcntl.LOCK_EX
        locked.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")))

    monkeypatch.setattr(fcntl, "flock", note)
    files.load("k7f3")
    put(files, "k7f3")
    files.forget("k7f3")
    assert locked == [folder] * 3


def test_a_damaged_file_is_told_without_saying_whose(
    files: LifterFiles, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The file's name is the id."""
    put(files, "k7f3")
    (folder / "k7f3.json").write_bytes(b"?")
    files.load("k7f3")
    assert "damaged" in caplog.text
    assert "k7f3" not in caplog.text
