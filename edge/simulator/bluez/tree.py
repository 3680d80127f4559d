"""The objects that a bluetoothd shows on D-Bus, and the signals when they change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from dbus_fast import Message, Variant

Props: TypeAlias = dict[str, Variant]
Handler: TypeAlias = Callable[[Message], Awaitable["Reply"]]
Reply: TypeAlias = tuple[str, list[Any]]
Calls: TypeAlias = dict[tuple[str, str], Handler]

NOTHING: Reply = ("", [])
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"


class ObjectTree:
    """Paths to interfaces to properties, and what each path can be asked. tell: sends a signal."""

    def __init__(self, tell: Callable[[Message], None]) -> None:
        self.objects: dict[str, dict[str, Props]] = {}
        self.calls: dict[str, Calls] = {}
        self._tell = tell

    def add(self, path: str, interfaces: dict[str, Props], calls: Calls | None = None) -> None:
        """Show an object."""
        self.objects[path] = interfaces
        self.calls[path] = calls or {}
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", ("oa{sa{sv}}", [path, interfaces]))

    def remove(self, path: str) -> None:
        """Take away an object and all below it, the lowest first."""
        for one in sorted((p for p in self.objects if p == path or p.startswith(path + "/")), reverse=True):
            interfaces = list(self.objects.pop(one))
            self.calls.pop(one, None)
            self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", ("oas", [one, interfaces]))

    def change(self, path: str, interface: str, **props: Variant) -> None:
        """Set properties and tell of them."""
        self.objects[path][interface].update(props)
        self._signal(path, PROPERTIES, "PropertiesChanged", ("sa{sv}as", [interface, props, []]))

    def value(self, path: str, interface: str, name: str) -> Any:
        """A property's value."""
        return self.objects[path][interface][name].value

    def _signal(self, path: str, interface: str, member: str, content: Reply) -> None:
        signature, body = content
        self._tell(Message.new_signal(path, interface, member, signature, body))
