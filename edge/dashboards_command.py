"""`sledguard dashboards`: the pages as a process of their own, beside the box or anywhere that reaches its broker."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge import config
from edge.errors import ConfigError
from edge.service import keep_to_ourselves
from edge.settings import TLS_PORT, HistorySettings, MqttSettings

FOLDER = Path("~/.local/share/sledguard")


def dashboards_command(  # noqa: PLR0913 - each is an option of the command line
    *,
    broker: Annotated[
        str | None, typer.Option("--broker", metavar="HOST:PORT", help="The MQTT broker.", show_default=False)
    ] = None,
    config_file: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Take the broker, with its TLS and login, from here."),
    ] = None,
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where to serve the pages.")
    ] = "0.0.0.0:8080",
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="URL", help="What phones are told to open; found out if not given."),
    ] = None,
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="For keys and history.")] = FOLDER,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="URL", help="Database of the history; if not given, a file in the folder."),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="For HTTPS: PEM, chain included.")
    ] = None,
    key_file: Annotated[Path | None, typer.Option("--key-file", metavar="FILE", help="The key to it.")] = None,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Serve the pages of lifters, coaches and operators: phone, kiosk, coach, operator."""
    from dashboards.server import ServeSettings, serve  # noqa: PLC0415 - the other commands need no web server

    keep_to_ourselves()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    if (certificate is None) != (key_file is None):
        raise ConfigError("--certificate and --key-file go together")
    host, port = _host_port("--listen", listen)
    mqtt, history = _configured(broker, config_file)
    settings = ServeSettings(
        mqtt=mqtt,
        folder=folder.expanduser(),
        host=host,
        port=port,
        address=address,
        store=store,
        confirm=history.confirm,
        certificate=certificate,
        key_file=key_file,
    )
    asyncio.run(serve(settings, typer.echo, with_parent=with_parent))


def _configured(broker: str | None, config_file: Path | None) -> tuple[MqttSettings, HistorySettings]:
    if broker is not None and config_file is not None:
        raise ConfigError("give --broker or --config, not both")
    if config_file is not None:
        given = config.load(config_file)
        return given.mqtt, given.history
    host, port = _host_port("--broker", broker or "127.0.0.1:1883")
    return MqttSettings(host=host, port=port, tls=port == TLS_PORT), HistorySettings()


def _host_port(option: str, text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65_535:
        raise ConfigError(f"{option} {text}: must be HOST:PORT, such as 127.0.0.1:1883")
    return host.strip("[]"), int(port)
