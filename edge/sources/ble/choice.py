"""Which adapter a node is to be reached by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bleak.backends.device import BLEDevice

ALIKE_DB = 6  # signals closer than this are as good as each other: people walking by change them by more


@dataclass(frozen=True, slots=True)
class Sighting:
    """A node heard by an adapter. rssi_dbm: how loud; device: what bleak wants to connect to it."""

    adapter: str
    rssi_dbm: int
    t_ns: int
    device: BLEDevice
    bonded: bool = False


def choose(sightings: Iterable[Sighting], free: Mapping[str, int], since_ns: int) -> Sighting | None:
    """The sighting to connect by: not older than since_ns, on an adapter with a free slot; the loudest, and of some
    alike the one on the emptiest adapter. free: adapter -> slots that are free.
    """
    usable = [one for one in sightings if one.t_ns >= since_ns and free.get(one.adapter, 0) > 0]
    if not usable:
        return None
    loudest = max(one.rssi_dbm for one in usable)
    alike = [one for one in usable if one.rssi_dbm > loudest - ALIKE_DB]
    return max(alike, key=lambda one: (free[one.adapter], one.rssi_dbm))
