"""The configuration file: TOML in, typed settings out, or one error that lists every mistake in it.

Nothing is kept beyond start-up and nothing is guessed: a key that is not known is a mistake, not a note.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from edge.config_check import Problem, Table, problems, shown
from edge.errors import ConfigError
from edge.settings import BoxSettings, LogSettings, MqttSettings, SerialSettings, Settings


class Config(Settings, frozen=True, kw_only=True):
    """Everything in the file."""

    box: BoxSettings = BoxSettings()
    mqtt: MqttSettings = MqttSettings()
    serial: Annotated[tuple[SerialSettings, ...], Meta(description="The serial lines, one table each.")] = ()
    log: LogSettings = LogSettings()


def load(path: Path) -> Config:
    """Read and check the file. ConfigError: one line for each mistake, or why the file cannot be read."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}); config/edge.toml is one to start from"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not readable as TOML: {error}") from error
    mistakes = [*problems(table, Config), *_across_sections(table)]
    if mistakes:
        raise ConfigError("\n".join(f"{path}: {mistake}" for mistake in mistakes))
    return msgspec.convert(table, Config)


def _across_sections(table: Table) -> Iterator[Problem]:
    """What one section says of another. The types are checked elsewhere: what has the wrong type is passed over."""
    for key in ("link", "device"):
        yield from _repeated(_tables(table.get("serial")), key, "serial")
    mqtt = table.get("mqtt")
    if isinstance(mqtt, dict):
        yield from _half_given(mqtt)


def _half_given(mqtt: Table) -> Iterator[Problem]:
    """Settings of the broker that make sense only together."""
    for key, needed in (("password_file", "username"), ("cert_file", "key_file"), ("key_file", "cert_file")):
        if key in mqtt and needed not in mqtt:
            yield Problem("mqtt", key, f" = {shown(mqtt[key])}: needs {needed} too")
    for key in ("ca_file", "cert_file"):
        if key in mqtt and mqtt.get("tls") is not True:
            yield Problem("mqtt", key, f" = {shown(mqtt[key])}: has no effect without tls = true")


def _repeated(tables: list[dict[str, Any]], key: str, section: str) -> Iterator[Problem]:
    counted = Counter(table[key] for table in tables if isinstance(table.get(key), str))
    for value, times in counted.items():
        if times > 1:
            yield Problem(section, key, f" = {shown(value)}: given {times} times; each may stand once")


def _tables(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
