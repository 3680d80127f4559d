"""bluetoothd seen by ourselves, where bleak does not look: does it live, which adapters has it, what does it hold?

bleak tells nobody when bluetoothd dies or an adapter is pulled out, so a small watch of our own stands beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, DBusError, InvalidAddressError
from dbus_fast.unpack import unpack_variants

from edge.sources.ble.deadline import Deadline

BLUEZ, DBUS = "org.bluez", "org.freedesktop.DBus"
ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
PROPERTIES, OBJECTS = f"{DBUS}.Properties", f"{DBUS}.ObjectManager"
DENIED = f"{DBUS}.Error.AccessDenied"
RETRY_S = 2.0  # no system bus at all: it is being restarted, or there is none
ANSWER_S = 5.0
HANG_UP_S = 0.5
RULES = (
    f"type='signal',sender='{DBUS}',member='NameOwnerChanged',arg0='{BLUEZ}'",
    f"type='signal',sender='{BLUEZ}',interface='{OBJECTS}'",
    f"type='signal',sender='{BLUEZ}',interface='{PROPERTIES}',member='PropertiesChanged',arg0='{ADAPTER}'",
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Holding:
    """A device that bluetoothd knows, and whether it holds a link to it."""

    path: str
    address: str
    name: str | None
    connected: bool
    bonded: bool
    services: tuple[str, ...]
    service_data: dict[str, bytes]


@dataclass(slots=True)
class BluezState:
    """bus: there is a system bus; up: bluetoothd is on it; adapters: name -> whether it is switched on.

    denied: bluetoothd is there, and this user may not speak to it.
    """

    bus: bool = False
    up: bool = False
    denied: bool = False
    adapters: dict[str, bool] = field(default_factory=dict)


class Bluez:
    """Watches bluetoothd while `run` runs; `changed` is called whenever `state` is another. answer_s: how long to wait.

    looked: set once it is known what there is, or that there is nothing.
    """

    def __init__(self, changed: Callable[[], None], answer_s: float = ANSWER_S) -> None:
        self.state = BluezState()
        self.looked = asyncio.Event()
        self._changed, self._answer_s = changed, answer_s
        self._bus: MessageBus | None = None
        self._refused: str | None = None

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            bus = None
            try:
                bus = MessageBus(bus_type=BusType.SYSTEM)
                await self._watch(bus)
            except (OSError, EOFError, AuthError, DBusError, InvalidAddressError, TimeoutError) as error:
                log.debug("system bus: %r", error)
            finally:
                self._bus = None
                if bus is not None:
                    await _hung_up(bus)
            self._become(BluezState())
            self.looked.set()
            await asyncio.sleep(RETRY_S)

    async def holdings(self) -> list[Holding]:
        """All devices that bluetoothd knows; none where it does not answer."""
        objects = await self._objects()
        return [_holding(path, one[DEVICE]) for path, one in objects.items() if DEVICE in one]

    async def disconnect(self, path: str) -> bool:
        """End a link, whosever it is; whether that was answered."""
        return await self._ask(path, DEVICE, "Disconnect") is not None

    async def forget(self, path: str) -> bool:
        """Forget a device: its cached services, and its bond; whether that was answered."""
        return await self._ask(path.rsplit("/", 1)[0], ADAPTER, "RemoveDevice", "o", [path]) is not None

    async def power_cycle(self, adapter: str) -> None:
        """Switch an adapter off and on."""
        for on in (False, True):
            await self._ask(f"/org/bluez/{adapter}", PROPERTIES, "Set", "ssv", [ADAPTER, "Powered", Variant("b", on)])

    async def _watch(self, bus: MessageBus) -> None:
        async with Deadline(self._answer_s):
            await bus.connect()
        self._bus = bus
        bus.add_message_handler(self._on_message)
        for rule in RULES:
            await self._call(bus, Message(DBUS, "/org/freedesktop/DBus", DBUS, "AddMatch", signature="s", body=[rule]))
        owned = Message(DBUS, "/org/freedesktop/DBus", DBUS, "NameHasOwner", signature="s", body=[BLUEZ])
        self._become(BluezState(bus=True))
        if (await self._call(bus, owned)).body[0]:
            await self._look()
        self.looked.set()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    async def _look(self) -> None:
        """Which adapters there are now."""
        reply = await self._ask("/", OBJECTS, "GetManagedObjects")
        if reply is None and self._refused == DENIED:
            self._become(BluezState(bus=True, up=True, denied=True))
            return
        objects = unpack_variants(reply.body[0]) if reply is not None else {}
        adapters = {
            path.rsplit("/", 1)[-1]: bool(one[ADAPTER]["Powered"]) for path, one in objects.items() if ADAPTER in one
        }
        self._become(BluezState(bus=True, up=True, adapters=adapters))

    def _become(self, state: BluezState) -> None:
        if state != self.state:
            self.state = state
            self._changed()

    def _on_message(self, message: Message) -> bool:
        if message.message_type is not MessageType.SIGNAL:
            return False
        if message.member == "NameOwnerChanged" and message.body[0] == BLUEZ:
            self._become(BluezState(bus=True))
            if message.body[2]:
                self._become(BluezState(bus=True, up=True))
                self._look_soon()
        elif message.member == "InterfacesAdded" and ADAPTER in message.body[1]:
            self._set_adapter(message.body[0], bool(message.body[1][ADAPTER]["Powered"].value))
        elif message.member == "InterfacesRemoved" and ADAPTER in message.body[1]:
            self._set_adapter(message.body[0], None)
        elif message.member == "PropertiesChanged" and "Powered" in message.body[1]:
            self._set_adapter(message.path or "", bool(message.body[1]["Powered"].value))
        return False

    def _look_soon(self) -> None:
        """Signals come on a callback; the adapters that are there already must be asked for."""
        self._looking = asyncio.get_running_loop().create_task(self._look())

    def _set_adapter(self, path: str, powered: bool | None) -> None:  # noqa: FBT001 - three states
        adapters = {name: on for name, on in self.state.adapters.items() if name != path.rsplit("/", 1)[-1]}
        if powered is not None:
            adapters[path.rsplit("/", 1)[-1]] = powered
        self._become(BluezState(bus=True, up=True, adapters=adapters))

    async def _objects(self) -> dict[str, dict[str, dict[str, Any]]]:
        reply = await self._ask("/", OBJECTS, "GetManagedObjects")
        return unpack_variants(reply.body[0]) if reply is not None else {}

    async def _ask(
        self, path: str, interface: str, member: str, signature: str = "", body: list[Any] | None = None
    ) -> Message | None:
        """The answer; None where there is none or it is an error, which is told in the log."""
        if self._bus is None or not self._bus.connected:
            return None
        call = Message(BLUEZ, path, interface, member, signature=signature, body=body or [])
        try:
            reply = await self._call(self._bus, call)
        except (TimeoutError, EOFError, OSError) as error:
            log.warning("bluetoothd did not answer %s on %s: %r", member, path, error)
            return None
        if reply.message_type is MessageType.ERROR:
            self._refused = reply.error_name
            log.debug("bluetoothd refused %s on %s: %s %s", member, path, reply.error_name, reply.body)
            return None
        return reply

    async def _call(self, bus: MessageBus, call: Message) -> Message:
        async with Deadline(self._answer_s):
            return await bus.call(call)


async def _hung_up(bus: MessageBus) -> None:
    """End a connection, as far as there is one: what was never connected never tells that it has ended."""
    with contextlib.suppress(Exception):
        bus.disconnect()
        async with Deadline(HANG_UP_S):
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


def _holding(path: str, props: dict[str, Any]) -> Holding:
    data = {uuid: bytes(value) for uuid, value in props.get("ServiceData", {}).items()}
    services = tuple(uuid.lower() for uuid in props.get("UUIDs", ()))
    return Holding(
        path,
        props["Address"],
        props.get("Name"),
        bool(props.get("Connected")),
        bool(props.get("Paired")),
        services,
        data,
    )
