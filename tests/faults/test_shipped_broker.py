"""The mosquitto.conf and acl that ship, in other folders and on another port, and `sledguard run` on it by TLS."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest
from broker_tools import MOSQUITTO, free_port, mosquitto, ran
from role_tools import ACL, password_of
from test_box_as_started import WAIT_S, said, started, written

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")

SHIPPED = ACL.with_name("mosquitto.conf")


async def made_certificate(folder: Path) -> None:
    """As the README makes it, for this very machine."""
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    files = ("-keyout", str(folder / "broker.key"), "-out", str(folder / "broker.pem"))
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files, *names)
    if shutil.which("openssl") is None or await ran("openssl", *made):
        pytest.skip("openssl cannot make a certificate here")


def shipped_settings(folder: Path) -> list[str]:
    """Its lines but for the listener, with the files of this folder."""
    lines = re.sub(r" /(etc/mosquitto/(certs/)?|var/lib/mosquitto/)", f" {folder}/", SHIPPED.read_text("utf-8"))
    return [line for line in lines.splitlines() if line and not line.startswith(("#", "listener"))]


async def test_a_service_reaches_the_shipped_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the shipped settings a box gets in by TLS, with a password that systemd hands over."""
    await made_certificate(tmp_path)
    shutil.copy(ACL, tmp_path / "sledguard.acl")
    users = tmp_path / "sledguard.passwords"
    assert await ran("mosquitto_passwd", "-b", "-c", str(users), "box", password_of("box")) == 0
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "mqtt-password").write_text(password_of("box") + "\n")
    (credentials / "mqtt-password").chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    port = free_port()
    login = 'username = "box"\npassword_file = "/etc/sledguard/mqtt-password"\n'
    config = written(tmp_path, port, f'host = "localhost"\ntls = true\nca_file = "{tmp_path}/broker.pem"\n{login}')
    async with (
        asyncio.timeout(WAIT_S),
        mosquitto(tmp_path, port, *shipped_settings(tmp_path), "user root"),
        started(config) as process,
    ):
        assert f"connected to localhost:{port}, MQTT 5.0" in await said(process, "INFO broker")
