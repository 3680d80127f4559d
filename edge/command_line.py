"""What several commands ask for alike: a broker, by its address or as a configuration has it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge.config import Config
from edge.errors import ConfigError
from edge.settings import TLS_PORT, MqttSettings

LOCAL_BROKER = "127.0.0.1:1883"

ItsBroker = Annotated[
    str | None, typer.Option("--broker", metavar="HOST:PORT", help="The MQTT broker.", show_default=False)
]
ItsConfig = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Take the broker, with its TLS and login, from here.")
]


def mqtt_of(broker: str | None, given: Config | None) -> MqttSettings:
    """The broker at this address or of this configuration; of neither, this machine's. ConfigError: of both."""
    if given is None:
        return mqtt_at(broker or LOCAL_BROKER)
    if broker is not None:
        raise ConfigError("give --broker or --config, not both")
    return given.mqtt


def mqtt_at(broker: str) -> MqttSettings:
    """The broker at this HOST:PORT, with TLS where the port is the usual one of it. ConfigError: it is none."""
    host, port = host_port("--broker", broker)
    return MqttSettings(host=host, port=port, tls=port == TLS_PORT)


def host_port(option: str, text: str, *, any_port: bool = False) -> tuple[str, int]:
    """Host and port of an option's HOST:PORT; port 0, for any that is free, where that makes sense. ConfigError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not (0 if any_port else 1) <= int(port) <= 65_535:
        raise ConfigError(f"{option} {text}: must be HOST:PORT, such as {LOCAL_BROKER}")
    return host.strip("[]"), int(port)
