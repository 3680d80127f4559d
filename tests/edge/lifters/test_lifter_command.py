"""`sledguard forget-lifter`: what the box keeps is gone, and what was found is said."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from edge.cli import main
from edge.lifters.files import Kept, LifterFiles


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """The configuration of a box that keeps something of three."""
    for lifter in ("k7f3", "b2", "c3"):
        LifterFiles(tmp_path / "state").change(lifter, lambda _: Kept(height_m=1.8))
    path = tmp_path / "edge.toml"
    path.write_text(f'[box]\nstate_dir = "{tmp_path / "state"}"\n[lifters.k7f3]\nheight_m = 1.8\n')
    return path


def forgets(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["sledguard", "forget-lifter", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_what_is_kept_of_those_named_is_deleted(
    box: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of each it is said whether there was anything, and that a table in the configuration is another matter."""
    assert forgets(monkeypatch, "k7f3", "b2", "d4", "--config", box) == 0
    folder = box.parent / "state/lifters"
    assert [path.name for path in folder.iterdir()] == ["c3.json"]
    assert capsys.readouterr().out.splitlines() == [
        f"k7f3: what {folder} kept is deleted; [lifters.k7f3] in {box} is yours to delete",
        f"b2: what {folder} kept is deleted",
        f"d4: what {folder} kept was not here",
    ]


@pytest.mark.parametrize("lifter", ["../../edge", "Jane Doe"])
def test_what_is_no_id_is_refused(
    lifter: str, box: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is touched."""
    assert forgets(monkeypatch, lifter, "--config", box) == 1
    assert "is no lifter's id: 1 to 32 of" in capsys.readouterr().err
    assert len(list((box.parent / "state/lifters").iterdir())) == 3


def test_who_may_not_is_told_so(box: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, with whom it takes."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, os.strerror(13), str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    assert forgets(monkeypatch, "b2", "--config", box) == 1
    assert "Permission denied; run this as the box's user, or root" in capsys.readouterr().err
