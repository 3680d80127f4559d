"""The bundle for whoever is to help: whole, and without a secret in it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from outbox_tools import Disk

from edge import diagnose
from edge.config import load
from edge.diagnose import BLANK, blanked, bundle
from edge.errors import SledguardError

CONFIG = """
[box]
gym = "g"
state_dir = "{state}"
node_keys_file = "{keys}"
[mqtt]
host = "broker.gym.lan"
username = "the-users-name"
password_file = "{password}"
[[serial]]
link = "hub"
device = "/dev/null"
[[machines]]
id = "press"
lifter = "k7f3"
height_m = 1.89
thigh_m = 0.461
shank_m = 0.473
[lifters.k7f3]
height_m = 1.91
thigh_m = 0.473
shank_m = 0.461
"""
KEY = "00112233445566778899aabbccddeeff"
SECRETS = ("the-users-name", "hunter2", KEY, "k7f3", "1.91", "1.89", "0.473", "0.461", '"t_s"')


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A bundle of a box with secrets everywhere: name -> content."""
    state, password, keys = tmp_path / "state", tmp_path / "edge.pass", tmp_path / "keys.toml"
    state.mkdir()
    password.write_text("hunter2")
    keys.write_text(f'"51ed6a2d00000103" = "{KEY}"')
    for file in (password, keys):
        file.chmod(0o600)
    disk = Disk(state)
    disk.filled(3)
    disk.close()
    (tmp_path / "edge.toml").write_text(CONFIG.format(state=state, password=password, keys=keys))
    monkeypatch.setattr(diagnose, "_log", lambda: f"node key={KEY} refused\nrep=1 set=1\n")
    bundle(load(tmp_path / "edge.toml"), tmp_path / "bundle.zip")
    assert (tmp_path / "bundle.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_no_secret_is_in_it(written: dict[str, str]) -> None:
    """No login, password, key, lifter, height, and no message's content is in any part."""
    assert [(name, secret) for name, content in written.items() for secret in SECRETS if secret in content] == []


def test_what_helps_is_in_it(written: dict[str, str]) -> None:
    """Settings as they hold, the outbox's counts, files with their rights, versions, and the log."""
    assert json.loads(written["settings.json"])["mqtt"]["host"] == "broker.gym.lan"
    assert json.loads(written["outbox.json"]) == {"messages": 3, "waiting": 3, "newest_seq": 3, "confirmed_seq": 0}
    modes = {Path(one["path"]).name: one.get("mode") for one in json.loads(written["files.json"])}
    assert modes["edge.pass"] == "600"
    assert "outbox.sqlite" in modes
    assert any(one.startswith("paho-mqtt ") for one in json.loads(written["about.json"])["packages"])
    assert "rep=1 set=1" in written["log.txt"]
    assert BLANK in written["log.txt"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("password: abc", False),
        ("token=abc", False),
        (f"sent {KEY}", False),
        ("session=4be15b55dc12", True),
        ("b-01020304", True),
    ],
)
def test_what_looks_like_a_secret_is_blanked(text: str, kept: bool) -> None:  # noqa: FBT001
    """Passwords and keys go, ids stay."""
    assert (blanked(text) == text) is kept


@pytest.mark.parametrize("is_there", [False, True])
def test_nobody_else_may_read_it_at_any_time(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_there: bool,  # noqa: FBT001
) -> None:
    """Already while it is written, and where everybody could read what lay there before."""
    config, target, modes = tmp_path / "edge.toml", tmp_path / "bundle.zip", list[int]()
    config.write_text(f'[box]\nstate_dir = "{tmp_path}"\n')
    if is_there:
        target.write_bytes(b"old")
        target.chmod(0o644)

    def look(_folder: Path) -> dict[str, object]:
        modes.append(target.stat().st_mode & 0o777)
        return {}

    monkeypatch.setattr("edge.diagnose.about", look)
    bundle(load(config), target)
    assert [*modes, target.stat().st_mode & 0o777] == [0o600, 0o600]


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "edge.toml").write_text("")
    with pytest.raises(SledguardError, match="--out"):
        bundle(load(tmp_path / "edge.toml"), tmp_path / "none" / "bundle.zip")
