"""`sledguard dashboards`: the pages as a process of their own, beside the box or anywhere that reaches its broker."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge import config
from edge.command_line import ItsBroker, ItsConfig, host_port, mqtt_of
from edge.errors import ConfigError
from edge.service import keep_to_ourselves
from edge.settings import HistorySettings

FOLDER = Path("~/.local/share/sledguard")


def dashboards_command(  # noqa: PLR0913 - each is an option of the command line
    *,
    broker: ItsBroker = None,
    config_file: ItsConfig = None,
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
    host, port = host_port("--listen", listen, any_port=True)
    given = config.load(config_file) if config_file is not None else None
    history = given.history if given is not None else HistorySettings()
    settings = ServeSettings(
        mqtt=mqtt_of(broker, given),
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
