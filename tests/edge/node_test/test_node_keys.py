"""The secrets file, and giving a node its key."""

from __future__ import annotations

import asyncio
import stat
import subprocess
from pathlib import Path

import pytest
from virtual_node import VirtualNode, build_sim

from edge.errors import ConfigError
from edge.node_keys import load_keys, store_keys
from edge.node_test.line import converse
from edge.node_test.provision import Provisioning
from edge.sources.serial import SerialSource

NODE = "a1b2c3d4e5f60718"
KEY = bytes(range(16))


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sim(tmp_path_factory.mktemp("sim"))


def test_keys_come_back_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    """What is stored is loaded, and the file is 0600 from its first byte on."""
    path = tmp_path / "secrets.toml"
    store_keys(path, {NODE: KEY})
    assert load_keys(path) == {NODE: KEY}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Group and others may do nothing with it; the message says what to do."""
    path = tmp_path / "secrets.toml"
    store_keys(path, {NODE: KEY})
    path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_keys(path)


def test_a_service_reads_what_systemd_hands_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy of that name counts, whatever its group bits; an empty one stands for a file that is not there."""
    copy = tmp_path / "node-keys.toml"
    store_keys(copy, {NODE: KEY})
    copy.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert load_keys(Path("/etc/sledguard/node-keys.toml")) == {NODE: KEY}
    copy.chmod(0o640)
    copy.write_text("\n")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_keys(tmp_path / "elsewhere" / "node-keys.toml")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (f'[nodes]\n{NODE} = "{KEY.hex()[:-1]}"', "32 hexadecimal digits"),
        (f'[nodes]\nleft_shank = "{KEY.hex()}"', "no node id"),
        (f'[nodes]\n{NODE} = "{KEY.hex()}', "no valid TOML"),
        ('nodes = "x"', "table of node ids"),
    ],
)
def test_a_mistake_is_named_and_no_key_shown(tmp_path: Path, text: str, match: str) -> None:
    """The message says where the mistake is, and holds nothing of a key."""
    path = tmp_path / "secrets.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=match) as error:
        load_keys(path)
    assert KEY.hex()[:8] not in str(error.value)


def _provision(sim: Path, path: Path, *options: str) -> Provisioning:
    provisioning = Provisioning(path, framed=True)
    with VirtualNode(sim, *options) as node:
        for t_us in range(0, 10_000_000, 5000):
            for data in node.advance(t_us):
                provisioning.dialog.receive(t_us * 1000, data)
            provisioning.advance(t_us * 1000)
            while provisioning.dialog.outgoing:
                node.receive(provisioning.dialog.outgoing.popleft())
            if provisioning.finished:
                break
    return provisioning


def test_a_node_gets_a_fresh_key(sim: Path, tmp_path: Path) -> None:
    """The node takes it, the file keeps it, and keys of other nodes stay."""
    path = tmp_path / "secrets.toml"
    store_keys(path, {"00000000000000aa": KEY})
    provisioning = _provision(sim, path)
    assert provisioning.problem is None
    keys = load_keys(path)
    assert keys["00000000000000aa"] == KEY
    assert len(keys[NODE]) == 16
    assert keys[NODE] != KEY


def test_a_node_that_refuses_leaves_no_key(sim: Path, tmp_path: Path) -> None:
    """A node that has a key already takes none without a tag, and the file stays as it was."""
    path = tmp_path / "secrets.toml"
    provisioning = _provision(sim, path, "--key", KEY.hex())
    assert provisioning.problem is not None
    assert "has one already" in provisioning.problem
    assert load_keys(path) == {}


def test_a_known_node_is_not_given_another_key(sim: Path, tmp_path: Path) -> None:
    """The key of a node is not overwritten by mistake."""
    path = tmp_path / "secrets.toml"
    store_keys(path, {NODE: KEY})
    provisioning = _provision(sim, path)
    assert provisioning.problem is not None
    assert load_keys(path) == {NODE: KEY}


async def test_over_a_real_line(sim: Path, tmp_path: Path) -> None:
    """On a pseudo-terminal, through the serial source, in real time: the same."""
    path = tmp_path / "secrets.toml"
    pipe = subprocess.PIPE
    with subprocess.Popen([sim, "pty"], stdin=pipe, stdout=pipe, text=True) as node:  # noqa: ASYNC220 - one line to read
        assert node.stdout is not None
        port = node.stdout.readline().strip()
        provisioning = Provisioning(path, framed=True)
        async with asyncio.timeout(30):
            await converse(SerialSource("node", port, 115_200), provisioning, lambda: None)
        assert node.stdin is not None
        node.stdin.close()
    assert provisioning.problem is None
    assert list(load_keys(path)) == [NODE]
