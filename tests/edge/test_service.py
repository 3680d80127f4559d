"""Signs of life for systemd, heard on a socket as systemd hears them."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edge.service import notify, signs_of_life


async def test_ready_then_the_watchdog_is_fed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """READY comes once, WATCHDOG again and again, at a share of the time that systemd grants."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "20000")
        task = asyncio.create_task(signs_of_life())
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(60):
            said = [await loop.sock_recv(systemd, 100) for _ in range(3)]
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert said == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]


def test_without_systemd_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither without a socket nor with one that nobody reads does it fail."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    notify("READY=1")


FOLDER = Path(__file__).parents[2] / "config/systemd"
UNIT, PAGES = FOLDER / "sledguard.service", FOLDER / "sledguard-dashboards.service"
each_unit = pytest.mark.parametrize("unit", [UNIT, PAGES], ids=lambda unit: unit.stem)
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
EXPOSURE_MAX = {UNIT: 3.0, PAGES: 2.0}
"""Of 10, as systemd judges it; what is left is a network, and of the box Bluetooth, and devices to write to."""


def analyzed(*command: str) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says."""
    return subprocess.run(["systemd-analyze", *command], capture_output=True, text=True, timeout=120, check=False)


@needs_systemd
@each_unit
def test_systemd_reads_the_unit_without_a_word(unit: Path, tmp_path: Path) -> None:
    """No key of it is unknown, misspelt or in the wrong section."""
    copy = tmp_path / unit.name
    copy.write_text(re.sub("^ExecStart=.*$", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE))
    said = analyzed("verify", "--man=no", str(copy))
    assert [line for line in said.stderr.splitlines() if unit.name in line] == []


@pytest.mark.parametrize(
    ("unit", "secrets"), [(UNIT, ["mqtt-password", "node-keys.toml"]), (PAGES, ["pages-password"])]
)
def test_the_unit_hands_over_what_it_may_lack(unit: Path, secrets: list[str]) -> None:
    """Every secret that is handed over has an empty stand-in, without which no box starts that has no such file."""
    text = unit.read_text()
    assert re.findall(r"(?m)^LoadCredential=([^:]+):", text) == secrets
    assert re.findall(r"(?m)^SetCredential=([^:]+):\\n$", text) == secrets


@each_unit
def test_the_unit_starts_a_command_that_there_is(unit: Path, tmp_path: Path) -> None:
    """With options that it knows: only the files that it names are not here."""
    (line,) = re.findall(r"(?m)^ExecStart=\S+/sledguard (.+)$", unit.read_text())
    options = re.sub(r"(?<= )/(?=etc/|var/)", f"{tmp_path}/", line).split()
    command = [sys.executable, "-m", "edge.cli", *options]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert re.search(rf"{tmp_path}/etc/sledguard/\w+\.toml: cannot be read", ran.stderr)


def test_the_unit_leaves_devices_alone() -> None:
    """None of the settings that shut off serial lines, on any version of systemd."""
    assert re.findall(r"(?m)^(ProtectClock|PrivateDevices|DevicePolicy|DeviceAllow)=", UNIT.read_text()) == []


@needs_systemd
@each_unit
def test_the_service_is_well_shut_in(unit: Path) -> None:
    """systemd's own judgement of the hardening stays where it is."""
    said = analyzed("security", "--offline=true", "--no-pager", str(unit))
    found = re.search(r"exposure level for \S+: ([0-9.]+)", said.stdout)
    if found is None:
        pytest.skip("this systemd-analyze judges no files")
    assert float(found[1]) <= EXPOSURE_MAX[unit]
