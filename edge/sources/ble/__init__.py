"""Nodes on Bluetooth LE: found, connected and kept, whatever BlueZ, adapters and batteries do meanwhile."""

from edge.sources.ble.profile import BleNode, GattLayout, GattProfile
from edge.sources.ble.radio import Radio
from edge.sources.ble.source import BleSource

__all__ = ["BleNode", "BleSource", "GattLayout", "GattProfile", "Radio"]
