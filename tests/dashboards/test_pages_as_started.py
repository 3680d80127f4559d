"""`sledguard dashboards` as its users start it: what it cannot work with is one line, and it ends."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

WAIT_S = 60.0


def refused(*options: str) -> str:
    """The one line with which it ends."""
    command = [sys.executable, "-m", "edge.cli", "dashboards", "--broker", "127.0.0.1:1", "--listen", "127.0.0.1:0"]
    ran = subprocess.run([*command, *options], capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert ran.returncode == 1
    assert ran.stdout == ""
    (line,) = ran.stderr.splitlines()
    return line


def test_a_service_says_that_it_is_up_and_keeps_where_to_look_for_its_owner_alone(tmp_path: Path) -> None:
    """systemd hears READY; the addresses with their keys are in a file as they are printed, for its owner to read."""
    command = [sys.executable, "-m", "edge.cli", "dashboards", "--broker", "127.0.0.1:1", "--listen", "127.0.0.1:0"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(WAIT_S)
        surroundings = os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        process = subprocess.Popen(
            [*command, "--folder", str(tmp_path)], stdout=subprocess.PIPE, text=True, env=surroundings
        )
        try:
            assert [systemd.recv(100) for _ in range(2)] == [b"READY=1", b"WATCHDOG=1"]
        finally:
            process.terminate()
            out, _ = process.communicate(timeout=WAIT_S)
    addresses = tmp_path / "addresses"
    assert addresses.read_text() == out
    assert out.count("#") == 2
    assert addresses.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in its place, or no way there."""
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", Path("/proc/nowhere")):
        assert f"{folder}: keys and history cannot be kept there" in refused("--folder", str(folder))


def test_a_folder_that_others_use(tmp_path: Path) -> None:
    """Its keys and its history have one keeper."""
    with (tmp_path / "pages.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another `sledguard dashboards` uses it; stop that one" in refused("--folder", str(tmp_path))


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    """Absent or no PEM: told before anybody is served."""
    (tmp_path / "no.pem").write_text("no certificate")
    for name in ("no.pem", "absent.pem"):
        files = ("--certificate", str(tmp_path / name), "--key-file", str(tmp_path / name))
        assert "cannot be used" in refused("--folder", str(tmp_path), *files)


@pytest.mark.parametrize(
    ("store", "told"),
    [
        ("postgresql+nodriver://u:secret@h/x", "nodriver"),
        ("nonsense", "this URL"),
        ("sqlite:////proc/x.db", "/proc/x.db"),
    ],
)
def test_a_store_that_cannot_be_opened(tmp_path: Path, store: str, told: str) -> None:
    """It says what is wrong, and shows no password."""
    line = refused("--folder", str(tmp_path), "--store", store)
    assert told in line
    assert "secret" not in line
