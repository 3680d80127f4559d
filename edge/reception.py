"""What a box hears over MQTT: commands to it and to its machines, and the historian's confirmations."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from edge.clock import ReadClock
from edge.commands import Command, Feedback, MachineCommand, Replay, name_of
from edge.events import AnyEvent, CommandResult, FeedbackGiven
from edge.publishers.broker_connection import Incoming
from edge.publishers.command_desk import CommandDesk, reply_topic
from edge.publishers.durable_outbox import DurableOutbox
from edge.publishers.messages import ROOT, BoxMessages, MachineMessages, Message
from edge.publishers.mqtt import MqttPublisher
from edge.publishers.precision import Precision
from edge.publishers.replay_desk import ReplayDesk

MACHINE_COMMANDS: tuple[type[Command], ...] = get_args(MachineCommand)
BOX_COMMANDS: tuple[type[Command], ...] = (Replay,)


class Reception:
    """Listens for one box; made before the publisher runs. It is an outlet: results of commands come back that way."""

    def __init__(self, publisher: MqttPublisher, gym: str, precision: Precision, clock: ReadClock) -> None:
        self._publisher, self._gym, self._precision, self._clock = publisher, gym, precision, clock
        self._desks: dict[str, CommandDesk] = {}

    def open_machine(self, machine: str, act: Callable[[Command], None]) -> None:
        """Take commands to a machine. act: gives it one."""
        messages = MachineMessages(self._gym, machine)

        def take(command: Command) -> None:
            if isinstance(command, Feedback):
                self._publisher.publish(self._feedback(machine, messages, command))
            else:
                act(command)

        self._desks[machine] = self._desk(messages.root, MACHINE_COMMANDS, take, lambda result: messages.of(result)[0])

    def open_box(self, messages: BoxMessages, outbox: DurableOutbox) -> ReplayDesk:
        """Take commands to the box, and confirmations."""

        def finish(result: CommandResult) -> None:
            desk.finish(result)

        replays = ReplayDesk(outbox, self._publisher, messages, self._clock, finish)
        desk = self._desk(messages.root, BOX_COMMANDS, replays.act, messages.result)
        self._publisher.listen(f"{messages.root}/confirm", replays.confirm)
        return replays

    def tell(self, machine: str, event: AnyEvent) -> None:
        """See Outlet: what became of a command."""
        if isinstance(event, CommandResult) and machine in self._desks:
            self._desks[machine].finish(event)

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """See Outlet: links have no part in it."""

    def _feedback(self, machine: str, messages: MachineMessages, command: Feedback) -> Message:
        """Count an answer, and what goes into the history of it."""
        self._precision.note(machine, command.kind, right=command.right)
        t_s = self._clock().mono_ns / 1e9
        self._desks[machine].finish(CommandResult(t_s=t_s, command=name_of(Feedback), command_id=command.id, ok=True))
        given = FeedbackGiven(t_s=t_s, alert=command.alert, kind=command.kind, right=command.right)
        return messages.of(given)[0]

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
            if (wanted := reply_topic(incoming, f"{ROOT}/{self._gym}")) is not None:
                self._publisher.publish(Message(wanted, message.body, message.route, incoming.correlation))

        desk = CommandDesk(commands, act, answer)
        self._publisher.listen(f"{root}/cmd/+", lambda incoming: desk.take(incoming, self._clock()))
        return desk
