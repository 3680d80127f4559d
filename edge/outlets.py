"""Where events go: buzzers on the box first, then the broker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from edge.clock import monotonic_ns
from edge.events import Alert, AnyEvent, CommandResult, Sign
from edge.publishers.buzzer import BoxBuzzer
from edge.publishers.latency import Latency
from edge.publishers.messages import MachineMessages
from edge.publishers.mqtt import MqttPublisher


class MqttOutlet:
    """Events of all machines of a box, as messages to its broker. latency: where the times of alerts are gathered."""

    def __init__(
        self, publisher: MqttPublisher, gym: str, machines: Iterable[str], latency: Latency | None = None
    ) -> None:
        self._publisher, self._latency = publisher, latency or Latency()
        self._messages = {name: MachineMessages(gym, name) for name in machines}

    def tell(self, machine: str, event: AnyEvent) -> None:
        """See Outlet. Results of commands are told by who took the command."""
        if isinstance(event, CommandResult):
            return
        if isinstance(event, Alert):
            event = msgspec.structs.replace(event, buzzed_s=self._latency.buzzed_s(machine, event))
        for message in self._messages[machine].of(event):
            self._publisher.publish(message)
        if isinstance(event, Alert):
            self._latency.sent(event, monotonic_ns() / 1e9)

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """See Outlet: links are told in health."""


class BuzzerOutlet:
    """The box's own buzzers."""

    def __init__(self, buzzers: Sequence[BoxBuzzer], latency: Latency) -> None:
        self._buzzers, self._latency = buzzers, latency

    def tell(self, machine: str, event: AnyEvent) -> None:
        """See Outlet."""
        for buzzer in self._buzzers:
            if isinstance(event, Alert | Sign) and buzzer.buzz(machine, event):
                self._latency.buzzed(machine, monotonic_ns())
            buzzer.tell(machine, event)

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """See Outlet: links are nothing to hear."""

    def close(self) -> None:
        """Silence, for good."""
        for buzzer in self._buzzers:
            buzzer.close()
