"""Where a box keeps its state, and where commands look for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge import state
from edge.settings import BoxSettings


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a service would keep its state; nothing is there yet."""
    folder = tmp_path / "service"
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(state, "SERVICES", folder)
    return folder


def test_a_command_finds_a_services_state(service: Path, tmp_path: Path) -> None:
    """Without a state_dir a shell's command looks where the service keeps it, even where it may not look inside."""
    assert state.state_to_read(BoxSettings()) == tmp_path / "home" / "sledguard"
    service.symlink_to(tmp_path / "private" / "sledguard")
    assert state.state_to_read(BoxSettings()) == service
    assert state.state_to_read(BoxSettings(state_dir="/named")) == Path("/named")


def test_a_box_started_by_hand_leaves_it_alone(service: Path, tmp_path: Path) -> None:
    """What runs for a user writes to the user's own folder, whatever a service has."""
    service.mkdir()
    assert state.state_dir(BoxSettings()) == tmp_path / "home" / "sledguard"
