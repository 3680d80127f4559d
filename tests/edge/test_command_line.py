"""Tests of edge/command_line.py."""

from __future__ import annotations

import pytest

from edge.command_line import host_port, mqtt_at, mqtt_of
from edge.config import Config
from edge.errors import ConfigError
from edge.settings import TLS_PORT, MqttSettings


@pytest.mark.parametrize("text", ["there", ":1883", "there:", "there:x", "there:0", "there:65536", "there:-1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """An address is a host and a port that can be connected to; the option that was wrong is named."""
    with pytest.raises(ConfigError, match=f"--broker {text}: must be HOST:PORT"):
        mqtt_at(text)


def test_limits_of_an_address() -> None:
    """The last port is one, port 0 is where any free one will do, and an IPv6 host may stand in brackets."""
    assert host_port("--broker", "there:65535") == ("there", 65_535)
    assert host_port("--listen", "127.0.0.1:0", any_port=True) == ("127.0.0.1", 0)
    assert host_port("--listen", "[::1]:8080") == ("::1", 8080)


def test_tls_goes_by_the_port() -> None:
    """At the usual port of MQTT over TLS a broker is spoken to so."""
    assert mqtt_at(f"there:{TLS_PORT}").tls
    assert not mqtt_at("there:1883").tls


def test_one_broker_is_meant() -> None:
    """The address counts, or the configuration, or else this machine; both together are refused."""
    given = Config(mqtt=MqttSettings(host="configured"))
    assert mqtt_of(None, given).host == "configured"
    assert mqtt_of("there:1884", None).port == 1884
    assert (mqtt_of(None, None).host, mqtt_of(None, None).port) == ("127.0.0.1", 1883)
    with pytest.raises(ConfigError, match="not both"):
        mqtt_of("there:1884", given)
