"""What users are told of BLE links: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

NO_BUS = "no D-Bus system bus to reach bluetoothd by: start dbus"
NO_BLUETOOTHD = "bluetoothd is not running: sudo systemctl start bluetooth"
NO_ADAPTER = "no Bluetooth adapter: plug one in"
DENIED = "this user may not speak to bluetoothd: sudo usermod -aG bluetooth $USER, then log in anew"
DIED = "bluetoothd has ended; the link comes back with it"
SILENT = "connected but silent; connecting anew"
ENDED = "the link broke; looking for it"
ABORTED = "broke off while connecting; trying again"
NOT_WRITABLE = "takes no bytes; connecting anew"
STALE = "its services had changed; they are read anew"
NOT_ANSWERING = "bluetoothd does not answer: sudo systemctl restart bluetooth"


def adapter_gone(name: str) -> str:
    """An adapter was pulled out."""
    return f"adapter {name} is gone: plug it in again"


def adapter_off(name: str) -> str:
    """An adapter has no power."""
    return f"adapter {name} is switched off: bluetoothctl power on, or rfkill unblock bluetooth"


def unseen(adapters: Sequence[str]) -> str:
    """A node does not advertise where we can hear it."""
    return f"not heard by {', '.join(adapters)}: is it charged, switched on and near, and connected to nothing else?"


def no_slot(adapter: str, limit: int, holders: Sequence[str]) -> str:
    """The adapter is full."""
    return (
        f"{adapter} holds {len(holders)} links ({', '.join(holders)}), and {limit} is all that it can: "
        "add an adapter, or a hub for this machine"
    )


def no_scan(adapter: str, reason: str) -> str:
    """The scan cannot be begun."""
    return f"{adapter} cannot scan ({reason}); trying again"


def no_connection(reason: str) -> str:
    """An attempt failed."""
    return f"cannot be connected ({reason}); trying again"


def refused(adapter: str, links: int) -> str:
    """The controller would not hold one more, it seems."""
    return (
        f"breaks off while connecting, beside {links} links on {adapter}: that may be all it can hold (add an adapter, "
        "or a hub for this machine), or the node is too far away"
    )


def not_bonded(address: str) -> str:
    """The node asks for a bond."""
    return f"asks for a bond: sledguard pair {address}"


def bond_again(address: str) -> str:
    """The services of a bonded node do not fit."""
    return f"its services have changed, and its bond hides the new ones: sledguard pair {address}"


def wrong_kind(kind: str) -> str:
    """Services are not those of the configured kind."""
    return f"has not the services of {kind}: set the right kind, or give it its firmware again"
