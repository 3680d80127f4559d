"""`sledguard scan` and `doctor` as their users start them, on a computer without Bluetooth."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WAIT_S = 30.0  # with a question to a bus that is not there it was over forty


@pytest.fixture
def no_bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system bus that is not there."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'no-bus'}")


def said(*command: str) -> str:
    """What a command says, in all."""
    ran = subprocess.run(
        [sys.executable, "-m", "edge.cli", *command], capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert "Traceback" not in ran.stderr
    return ran.stdout + ran.stderr


@pytest.mark.usefixtures("no_bus")
def test_without_a_bus_it_is_said_so() -> None:
    """Not that bluetoothd keeps silent, and not after its time to answer."""
    assert "no D-Bus system bus to reach bluetoothd by: start dbus" in said("scan", "--seconds", "1")


@pytest.mark.usefixtures("no_bus")
def test_doctor_looks_at_what_is_configured(tmp_path: Path) -> None:
    """A box with a serial line alone needs no Bluetooth; its line is looked at, and what is wrong with it is told."""
    config = tmp_path / "edge.toml"
    config.write_text(f'[mqtt]\nport = 1\n[[serial]]\nlink = "hub"\ndevice = "{tmp_path}/absent"\n[[machines]]\n')
    told = said("doctor", "--config", str(config))
    assert "Bluetooth" not in told
    assert f"{tmp_path}/absent is not there" in told
    assert "→ plug it in, or mend device" in told
    config.write_text(config.read_text().replace(f"{tmp_path}/absent", "/dev/null"))
    assert "/dev/null is there, and this user may open it" in said("doctor", "--config", str(config))
