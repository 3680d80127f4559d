"""A gym's Bluetooth without a radio, to try the commands on: python -m rig_bluez prints what to put before them.

The demo's eight nodes, one that wants a bond, a WitMotion, four Progressors, somebody's headphones; two adapters.
"""

from __future__ import annotations

import asyncio
import sys

from rig_bluez.numbered import NumberedFirmware

from edge.simulator.bluez.bought import progressor_in_the_air, witmotion_in_the_air
from edge.simulator.bluez.peripheral import Advert, Characteristic, Peripheral, Radio, Service
from edge.simulator.bluez.rig import Rig
from edge.simulator.bought import Progressor, WitMotion
from edge.simulator.demo import demo_peripherals, demo_scenario
from edge.simulator.nodes import Stage
from edge.simulator.session import simulate


async def main() -> None:
    """Serve until the end of the input."""
    peripherals = demo_peripherals()
    peripherals[5].rssi = -84
    wants_bond = demo_peripherals()[3]
    wants_bond.address, wants_bond.advert = "C0:98:E5:B0:ED:01", Advert("left shank B", *_advert(wants_bond))
    wants_bond.services = tuple(
        Service(s.uuid, tuple(Characteristic(c.uuid, c.flags, encrypted=True) for c in s.characteristics))
        for s in wants_bond.services
    )
    session, stage = simulate(demo_scenario()), Stage(1)
    bought = [witmotion_in_the_air(WitMotion(session.streams["left_shank"], 1, stage), "E0:12:34:56:78:9A", 71)]
    bought += [
        progressor_in_the_air(Progressor(session.streams["footplate"], k, 2 + k, stage), f"D3:41:07:22:9A:1{k}", 88 - k)
        for k in range(4)
    ]
    bought[0].rssi = -66
    music = Peripheral("11:22:33:44:55:66", Advert("Anna's headphones"), (), NumberedFirmware(), rssi=-71)
    everything = [*peripherals, wants_bond, *bought, music]
    async with Rig(everything, [Radio("hci0"), Radio("hci1", "00:1A:7D:DA:71:01")]) as rig:
        sys.stdout.write(f"DBUS_SYSTEM_BUS_ADDRESS={rig.bus.address}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)


def _advert(peripheral: Peripheral) -> tuple[tuple[str, ...], dict[str, bytes]]:
    return peripheral.advert.service_uuids, peripheral.advert.service_data


asyncio.run(main())
