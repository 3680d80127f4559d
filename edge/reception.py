"""What a box hears over MQTT: commands to it and to its machines, and the historian's confirmations."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from edge.clock import ReadClock
from edge.commands import Command, MachineCommand, Replay
from edge.events import CommandResult
from edge.publishers.broker_connection import Incoming
from edge.publishers.command_desk import CommandDesk, reply_topic
from edge.publishers.durable_outbox import DurableOutbox
from edge.publishers.messages import ROOT, BoxMessages, MachineMessages, Message
from edge.publishers.mqtt import MqttPublisher
from edge.publishers.replay_desk import ReplayDesk

MACHINE_COMMANDS: tuple[type[Command], ...] = get_args(MachineCommand)
BOX_COMMANDS: tuple[type[Command], ...] = (Replay,)


class Reception:
    """Listens for one box; made before the publisher runs."""

    def __init__(self, publisher: MqttPublisher, gym: str, clock: ReadClock) -> None:
        self._publisher, self._clock = publisher, clock
        self._gym_root = f"{ROOT}/{gym}"

    def open_machine(self, messages: MachineMessages, act: Callable[[Command], None]) -> CommandDesk:
        """Take commands to a machine; tell the desk of each result."""
        return self._desk(messages.root, MACHINE_COMMANDS, act, lambda result: messages.of(result)[0])

    def open_box(self, messages: BoxMessages, outbox: DurableOutbox) -> ReplayDesk:
        """Take commands to the box, and confirmations."""

        def finish(result: CommandResult) -> None:
            desk.finish(result)

        replays = ReplayDesk(outbox, self._publisher, messages, self._clock, finish)
        desk = self._desk(messages.root, BOX_COMMANDS, replays.act, messages.result)
        self._publisher.listen(f"{messages.root}/confirm", replays.confirm)
        return replays

    def _desk(
        self,
        root: str,
        commands: tuple[type[Command], ...],
        act: Callable[[Command], None],
        message_of: Callable[[CommandResult], Message],
    ) -> CommandDesk:
        def answer(result: CommandResult, incoming: Incoming) -> None:
            message = message_of(result)
            self._publisher.publish(message)
            if (wanted := reply_topic(incoming, self._gym_root)) is not None:
                self._publisher.publish(Message(wanted, message.body, message.route, incoming.correlation))

        desk = CommandDesk(commands, act, answer)
        self._publisher.listen(f"{root}/cmd/+", lambda incoming: desk.take(incoming, self._clock()))
        return desk
