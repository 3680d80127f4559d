"""The daemon itself: its name on the bus, its answers, its life and death."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import struct
import termios
from collections import deque
from collections.abc import Coroutine, Iterable
from typing import Any

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from edge.simulator.bluez.adapter import ADAPTER, Adapter
from edge.simulator.bluez.errors import BluezError
from edge.simulator.bluez.peripheral import Radio
from edge.simulator.bluez.tree import NOTHING, OBJECT_MANAGER, PROPERTIES, Calls, ObjectTree, Reply

NAME = "org.bluez"
AGENT_MANAGER = "org.bluez.AgentManager1"
DBUS = "org.freedesktop.DBus"
HELD_FROM_BYTES = 32_768  # of a socket's buffer of some 200 kB, in which a small message counts for a kB or so
UNKNOWN_OBJECT, UNKNOWN_METHOD = f"{DBUS}.Error.UnknownObject", f"{DBUS}.Error.UnknownMethod"


class Bluetoothd:
    """One life of a bluetoothd. bonds: what it finds on its disk.

    hung: it answers nothing. swallow_disconnects: it answers Disconnect and then does nothing.
    """

    def __init__(self, bonds: dict[str, set[str]]) -> None:
        self.tree = ObjectTree(self._send)
        self.adapters: dict[str, Adapter] = {}
        self.agents: dict[str, str] = {}
        self.hung = False
        self.swallow_disconnects = False
        self._held: deque[Message] = deque()
        self._descriptor = -1
        self._bonds = bonds
        self._bus: MessageBus | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, radios: Iterable[Radio]) -> None:
        """Take the name on the bus and show the adapters."""
        bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        self._bus, self._descriptor = bus, bus._fd or -1
        bus.add_message_handler(self._on_message)
        rule = f"type='signal',sender='{DBUS}',interface='{DBUS}',member='NameOwnerChanged'"
        await bus.call(Message(DBUS, "/org/freedesktop/DBus", DBUS, "AddMatch", signature="s", body=[rule]))
        self.tree.calls["/"] = {(OBJECT_MANAGER, "GetManagedObjects"): self._managed}
        self.tree.add("/org/bluez", {AGENT_MANAGER: {}}, self._agent_calls())
        for radio in radios:
            if radio.plugged:
                self.plug(radio)
        await bus.request_name(NAME)

    def plug(self, radio: Radio) -> Adapter:
        """An adapter is there."""
        adapter = Adapter(self, radio, self._bonds.setdefault(radio.name, set()))
        self.adapters[radio.name] = adapter
        return adapter

    def unplug(self, name: str) -> None:
        """An adapter is gone, its links with it; its devices vanish without being told as disconnected."""
        adapter = self.adapters.pop(name)
        for device in adapter.devices.values():
            device.peripheral.unlink(0)
        self.tree.remove(adapter.path)

    async def kill(self) -> None:
        """As by SIGKILL: gone from the bus without a word; the kernel ends the links."""
        for task in self._tasks:
            task.cancel()
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.disconnect()
            with contextlib.suppress(Exception):
                await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        for adapter in self.adapters.values():
            for device in adapter.devices.values():
                device.peripheral.unlink(0)

    async def ask_agent(self, member: str, signature: str, body: list[Any]) -> bool:
        """Ask the agent; whether it agrees. No agent, no bond."""
        if self._bus is None or not self.agents:
            return False
        client, path = next(iter(self.agents.items()))
        call = Message(client, path, "org.bluez.Agent1", member, signature=signature, body=body)
        reply = await self._bus.call(call)
        return reply.message_type is MessageType.METHOD_RETURN

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside, until the daemon ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def flush(self) -> None:
        """Send what waits, as far as dbus-daemon keeps up: dbus-fast gives up a socket that takes no more."""
        while (
            self._bus is not None
            and self._bus.connected
            and self._held
            and _unread_bytes(self._descriptor) < HELD_FROM_BYTES
        ):
            self._bus.send(self._held.popleft())

    def _send(self, message: Message) -> None:
        if self._bus is not None and not self.hung:
            self._held.append(message)
            self.flush()

    def _on_message(self, call: Message) -> bool:
        if call.message_type is MessageType.SIGNAL and call.member == "NameOwnerChanged":
            self._owner_changed(*call.body)
            return True
        if call.message_type is not MessageType.METHOD_CALL:
            return False
        if not self.hung:
            self.spawn(self._answer(call))
        return True

    def _owner_changed(self, name: str, _before: str, after: str) -> None:
        if name.startswith(":") and not after:
            self.agents.pop(name, None)
            for adapter in self.adapters.values():
                adapter.forget_client(name)

    async def _answer(self, call: Message) -> None:
        try:
            signature, body = await self._reply(call)
        except BluezError as error:
            self._send(Message.new_error(call, error.name, error.text))
        else:
            self._send(Message.new_method_return(call, signature, body))

    async def _reply(self, call: Message) -> Reply:
        path = call.path or ""
        calls = self.tree.calls.get(path)
        if calls is None:
            raise BluezError(UNKNOWN_OBJECT, f"no object {path}")
        if call.interface == PROPERTIES:
            return self._properties(path, call)
        handler = calls.get((call.interface or "", call.member or ""))
        if handler is None:
            raise BluezError(UNKNOWN_METHOD, f"{path} has no {call.interface}.{call.member}")
        return await handler(call)

    async def _managed(self, _call: Message) -> Reply:
        return "a{oa{sa{sv}}}", [self.tree.objects]

    def _properties(self, path: str, call: Message) -> Reply:
        interface, *rest = call.body
        props = self.tree.objects[path].get(interface, {})
        if call.member == "GetAll":
            return "a{sv}", [props]
        name = rest[0]
        if call.member == "Get":
            return "v", [props[name]]
        self._set(path, interface, name, rest[1])
        return NOTHING

    def _set(self, path: str, interface: str, name: str, value: Variant) -> None:
        if interface == ADAPTER and name == "Powered":
            self.adapters[path.rsplit("/", 1)[-1]].set_power(on=value.value)
        else:
            self.tree.change(path, interface, **{name: value})

    def _agent_calls(self) -> Calls:
        async def register(call: Message) -> Reply:
            self.agents[call.sender or ""] = call.body[0]
            return NOTHING

        async def unregister(call: Message) -> Reply:
            self.agents.pop(call.sender or "", None)
            return NOTHING

        async def accept(_call: Message) -> Reply:
            return NOTHING

        return {
            (AGENT_MANAGER, "RegisterAgent"): register,
            (AGENT_MANAGER, "UnregisterAgent"): unregister,
            (AGENT_MANAGER, "RequestDefaultAgent"): accept,
        }


def _unread_bytes(descriptor: int) -> int:
    """What was sent on a socket and not read yet."""
    (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)))
    return int(count)
