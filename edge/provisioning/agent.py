"""The pairing agent: bluetoothd asks it whether a bond may be made. It is there only while a device is taken in."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from edge.errors import SledguardError
from edge.sources.ble.deadline import Deadline

BLUEZ, AGENT, MANAGER = "org.bluez", "org.bluez.Agent1", "org.bluez.AgentManager1"
PATH = "/sledguard/agent"
CAPABILITY = "KeyboardDisplay"
REJECTED = "org.bluez.Error.Rejected"
ANSWER_S = 5.0

Ask = Callable[[str], str]
"""Puts a question to the user and returns the answer; an empty answer agrees, "no" refuses."""


class Agent:
    """Answers for one device only; whoever else wants a bond meanwhile is refused."""

    def __init__(self, device_path: str, ask: Ask) -> None:
        self._device_path, self._ask = device_path, ask

    def answer(self, call: Message) -> Message | None:
        """The reply to a question of bluetoothd; None: it was none."""
        if call.message_type is not MessageType.METHOD_CALL or call.interface != AGENT:
            return None
        if call.member in {"Release", "Cancel"}:
            return Message.new_method_return(call)
        if not call.body or call.body[0] != self._device_path:
            return Message.new_error(call, REJECTED, "not this device")
        return self._reply(call)

    def _reply(self, call: Message) -> Message:
        if call.member == "RequestPasskey":
            digits = self._ask("Passkey that the sensor shows or is printed on it:")
            if digits.isdecimal():
                return Message.new_method_return(call, "u", [int(digits)])
            return Message.new_error(call, REJECTED, "no passkey")
        if call.member == "RequestPinCode":
            return Message.new_method_return(call, "s", [self._ask("PIN of the sensor:")])
        if call.member == "RequestConfirmation":
            same = self._ask(f"Does the sensor show {call.body[1]:06d}? [Y/n]")
            refused = same.strip().lower().startswith("n")
            return Message.new_error(call, REJECTED, "refused") if refused else Message.new_method_return(call)
        if call.member in {"DisplayPasskey", "DisplayPinCode"}:
            self._ask(f"Enter {call.body[1]} on the sensor, then press Enter here.")
        return Message.new_method_return(call)


@contextlib.asynccontextmanager
async def registered(device_path: str, ask: Ask) -> AsyncIterator[None]:
    """While entered, bonds with this device can be made. SledguardError: bluetoothd will not have an agent."""
    bus, agent = MessageBus(bus_type=BusType.SYSTEM), Agent(device_path, ask)
    try:
        async with Deadline(ANSWER_S):
            await bus.connect()
            bus.add_message_handler(agent.answer)
            for member, signature, body in (
                ("RegisterAgent", "os", [PATH, CAPABILITY]),
                ("RequestDefaultAgent", "o", [PATH]),
            ):
                reply = await bus.call(Message(BLUEZ, "/org/bluez", MANAGER, member, signature=signature, body=body))
                if reply.message_type is MessageType.ERROR:
                    raise SledguardError(f"bluetoothd refuses a pairing agent: {reply.error_name}; try with sudo")
        yield
    finally:
        bus.disconnect()
        with contextlib.suppress(Exception):
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
