"""What BlueZ does to programs that run for months, row by row, and that the source lives through it.

Each row is one that bleak on BlueZ is known for. Where it matters, a control shows that the rig has the disease.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from rig_bluez.harness import QUICK, STEADY, Served, Sink, bus_connections, comes_down_to, counts, needs_dbus, served
from rig_bluez.numbered import (
    CTRL,
    DATA,
    SERVICE,
    firmware,
    numbered_node,
    numbered_peripheral,
)

from edge.events import Send
from edge.simulator.bluez.peripheral import Characteristic, Service
from edge.simulator.bluez.peripheral import Radio as SimulatedRadio
from edge.simulator.bluez.rig import Rig

pytestmark = needs_dbus


async def drop_and_return(s: Served) -> None:
    """Break the first node's link and wait until it is served again."""
    ups = s.sink.ups()
    s.rig.drop(s.peripherals[0])
    await s.sink.until(lambda: s.sink.ups() > ups)
    await s.sink.numbers_flow()


async def heard(rig: Rig) -> BLEDevice:
    """The first node, as a scan by some program finds it."""
    device = await BleakScanner.find_device_by_address(rig.peripherals[0].address)
    assert device is not None
    return device


class TestRow01LeakedConnections:
    """A drop without disconnect leaks a D-Bus connection; 256 of them end all Bluetooth."""

    async def test_nothing_is_left_of_many_drops(self) -> None:
        """After ten drops there are as many bus connections, descriptors and tasks as after the first."""
        async with served(peripherals=[numbered_peripheral(0, 100.0)]) as s:
            await s.all_up()
            await drop_and_return(s)
            before = await counts()
            for _ in range(10):
                await drop_and_return(s)
            await comes_down_to(before)

    async def test_control_the_rig_shows_the_leak(self) -> None:
        """A client that is not disconnected after its node's drop keeps its connection to the bus."""
        async with Rig([numbered_peripheral(0)]) as rig:
            device = await heard(rig)
            before = await bus_connections()
            clients = []
            for _ in range(3):
                clients.append(BleakClient(device))
                await clients[-1].connect()
                rig.drop(rig.peripherals[0])
                await Sink().until(lambda client=clients[-1]: not client.is_connected)  # type: ignore[misc]
            assert await bus_connections() == before + 3
            for client in clients:
                await client.disconnect()


class TestRow02DoubledNotifications:
    """Connecting anew before the old client's disconnect: everything arrives twice."""

    async def test_each_arrives_once_after_reconnecting(self) -> None:
        """Over several reconnections no notification comes twice, and none is older than the one before."""
        async with served() as s:
            await s.all_up()
            for _ in range(4):
                await drop_and_return(s)
            numbers = s.sink.numbers()
            assert numbers == sorted(set(numbers))

    async def test_a_link_that_doubles_is_put_right(self) -> None:
        """Notifications that come twice from below are passed on once, and counted."""
        async with served() as s:
            s.peripherals[0].faults.double = True
            await s.sink.numbers_flow(more=10)
            numbers = s.sink.numbers()
            assert numbers == sorted(set(numbers))
            assert s.source.counts("n0")["duplicates"] >= 9

    async def test_control_the_rig_shows_the_doubling(self) -> None:
        """A client that connects before an older one of its program has disconnected gets every notification twice."""
        async with Rig([numbered_peripheral(0)]) as rig:
            device = await heard(rig)
            got: list[bytes] = []
            old, new = BleakClient(device), BleakClient(device)
            for client in (old, new):
                await client.connect()
                await client.start_notify(DATA, lambda _c, data: got.append(bytes(data)))
            got.clear()
            await Sink().until(lambda: len(got) >= 6)
            await new.disconnect()
            assert got[:6:2] == got[1:6:2]
            assert len(set(got[:6])) == 3
            await old.disconnect()


class TestRow03DeadBluetoothd:
    """bluetoothd killed: no callback comes, clients believe themselves connected, disconnecting hangs."""

    async def test_death_is_told_and_the_return_is_used(self) -> None:
        """Its death is told and not waited out, its absence is named, and with its return the data come back."""
        async with served() as s:
            await s.all_up()
            await s.rig.kill()
            await s.sink.until(lambda: any("bluetoothd has ended" in (p or "") for p in s.sink.changes["n0"]))
            await s.sink.until(lambda: "systemctl start bluetooth" in s.sink.problem())
            await s.rig.start()
            await s.sink.until(lambda: s.sink.ups() >= 2)
            await s.sink.numbers_flow()
            assert s.sink.numbers() == sorted(set(s.sink.numbers()))

    async def test_many_deaths_leave_nothing_behind(self) -> None:
        """Five deaths with three links leave no bus connection, descriptor or task behind."""
        peripherals = [numbered_peripheral(index) for index in range(3)]
        hasty = replace(STEADY, close_s=0.6)
        async with served([numbered_node(index) for index in range(3)], peripherals, timings=hasty) as s:
            await self._all_flow(s)
            before = await counts()
            for _ in range(5):
                await s.rig.kill()
                await s.sink.until(lambda: all(s.sink.problem(f"n{index}") for index in range(3)))
                await s.rig.start()
                await self._all_flow(s)
            await comes_down_to(before)

    async def _all_flow(self, s: Served) -> None:
        await s.all_up()
        for index in range(3):
            await s.sink.numbers_flow(f"n{index}")

    async def test_a_bluetoothd_that_hangs_is_survived(self) -> None:
        """One that answers nothing is noticed by the silence; once it is killed and started, all is well again."""
        async with served(timings=QUICK) as s:
            await s.all_up()
            s.rig.daemon.hung = True
            await s.sink.until(lambda: s.sink.problem() != "")
            await s.rig.kill()
            await s.rig.start()
            await s.sink.until(lambda: s.sink.ups() >= 2)
            await s.sink.numbers_flow()

    async def test_a_disconnect_that_never_ends_is_cut_short(self) -> None:
        """A Disconnect that is answered and not done costs its time limit, and not the ten seconds of bleak."""
        async with served(timings=replace(STEADY, close_s=0.6)) as s:
            await s.all_up()
            s.rig.daemon.swallow_disconnects = True
            async with asyncio.timeout(9.0):
                await s.stop()
            assert await bus_connections() <= 2  # bluetoothd and bleak's own


class TestRow04NotifyBeforeDisconnect:
    """AcquireNotify and a disconnect without StopNotify crashed bluetoothd."""

    async def test_subscriptions_end_before_the_link(self) -> None:
        """StartNotify is used, and ended by StopNotify before each Disconnect."""
        async with served() as s:
            await s.all_up()
            adapter = s.rig.adapter()
            await s.stop()
            assert (adapter.acquires, adapter.stops, adapter.disconnects_while_notifying) == (0, 1, 0)
            assert adapter.links() == 0


class TestRow05DeafScan:
    """A scan silently finds nothing."""

    async def test_an_adapter_without_links_is_power_cycled(self) -> None:
        """Nothing heard for long: its power is switched off and on, and the node is found."""
        async with served(radios=[SimulatedRadio("hci0", deaf=True)]) as s:
            await s.sink.until(lambda: "not heard" in s.sink.problem())
            await s.all_up()
            assert s.rig.adapter().power_cycles >= 1

    async def test_an_adapter_that_cannot_begin_a_scan_is_power_cycled(self) -> None:
        """A scan that is refused again and again hears nothing either."""
        async with served(radios=[SimulatedRadio("hci0", refuses_scans=True)]) as s:
            await s.sink.until(lambda: "cannot scan" in s.sink.problem())
            await s.all_up()
            assert s.rig.adapter().power_cycles >= 1

    async def test_an_adapter_with_links_is_only_made_to_scan_anew(self) -> None:
        """With a link up the scan is begun anew, and the power stays on."""
        peripherals = [numbered_peripheral(0), numbered_peripheral(1)]
        peripherals[1].in_range = False
        async with served([numbered_node(0), numbered_node(1)], peripherals) as s:
            await s.sink.until(lambda: s.sink.problem("n0") == "")
            s.rig.radios["hci0"].deaf = True
            scans = s.rig.adapter().scans
            await s.sink.until(lambda: s.rig.adapter().scans >= scans + 3)
            assert s.rig.adapter().power_cycles == 0
            assert s.sink.ups("n0") == 1


class TestRow06OneAtATime:
    """Parallel scans and connection attempts fail."""

    async def test_eight_nodes_come_one_after_the_other(self) -> None:
        """Eight nodes that appear together are connected by one scan and one attempt at a time."""
        peripherals = [numbered_peripheral(index) for index in range(8)]
        async with served(
            [numbered_node(i) for i in range(8)], peripherals, [SimulatedRadio("hci0", slots=8)], slots=8
        ) as s:
            await s.all_up()
            adapter = s.rig.adapter()
            assert (adapter.connecting_max, adapter.scanners_max) == (1, 1)
            assert all(peripheral.connects == 1 for peripheral in peripherals)
            assert adapter.scanners == set()


class TestRow07Slots:
    """An adapter holds so many links and no more."""

    async def test_the_budget_is_kept_and_told(self) -> None:
        """With two slots the third node is never tried, is told why, and comes when a slot is free."""
        peripherals = [numbered_peripheral(index) for index in range(3)]
        async with served([numbered_node(index) for index in range(3)], peripherals, slots=2) as s:
            await s.sink.until(lambda: sum(s.sink.problem(f"n{i}") == "" for i in range(3)) == 2)
            third = next(i for i in range(3) if s.sink.problem(f"n{i}"))
            await s.sink.until(lambda: "add an adapter, or a hub" in s.sink.problem(f"n{third}"))
            assert peripherals[third].connects == 0
            s.rig.drop(peripherals[(third + 1) % 3], vanish=True)
            await s.sink.until(lambda: s.sink.problem(f"n{third}") == "")

    async def test_a_controller_that_can_hold_less_is_believed(self) -> None:
        """A refused link teaches the limit: it is told, and the links that are up stay up."""
        peripherals = [numbered_peripheral(index) for index in range(3)]
        radios = [SimulatedRadio("hci0", slots=2)]
        async with served([numbered_node(index) for index in range(3)], peripherals, radios) as s:
            await s.sink.until(
                lambda: any("hci0" in s.sink.problem(f"n{i}") and "2" in s.sink.problem(f"n{i}") for i in range(3))
            )
            await s.sink.until(lambda: sum(s.sink.problem(f"n{i}") == "" for i in range(3)) == 2)
            assert sum(s.sink.ups(f"n{i}") for i in range(3)) == 2


class TestRow08StaleServices:
    """bluetoothd remembers the services of a node's old firmware."""

    async def test_changed_services_are_read_anew(self) -> None:
        """A node that comes back with another table is forgotten once, read anew and served."""
        async with served() as s:
            await s.all_up()
            s.peripherals[0].services = (
                Service("0000180a-0000-1000-8000-00805f9b34fb", ()),
                Service(SERVICE, (Characteristic(CTRL, ("write",)), Characteristic(DATA, ("notify",)))),
            )
            s.rig.drop(s.peripherals[0])
            await s.sink.until(lambda: s.sink.ups() >= 2)
            assert s.rig.adapter().removals == 1
            assert any("read anew" in (problem or "") for problem in s.sink.changes["n0"])

    async def test_a_node_of_another_kind_is_named_as_such(self) -> None:
        """A node that has not the services even after a fresh look is told to be of the wrong kind."""
        async with served() as s:
            s.peripherals[0].services = (Service("0000180a-0000-1000-8000-00805f9b34fb", ()),)
            await s.sink.until(lambda: "has not the services of numbered" in s.sink.problem())

    async def test_a_bond_is_not_thrown_away(self) -> None:
        """A bonded node whose services do not fit is left to its owner, who is told to pair it again."""
        async with served() as s:
            s.rig.adapter().bonds.add(s.peripherals[0].address)
            s.peripherals[0].services = (Service("0000180a-0000-1000-8000-00805f9b34fb", ()),)
            await s.sink.until(lambda: "sledguard pair" in s.sink.problem())
            assert s.rig.adapter().removals == 0


class TestRow09OrphanedLinks:
    """A link left by a program that crashed keeps its node from advertising."""

    async def test_a_link_that_nobody_serves_is_ended_at_the_start(self) -> None:
        """A node whose link outlived its program is let go, found and served."""
        async with served() as s:
            await s.all_up()
            await s.stop()
            device = s.rig.device(s.peripherals[0])
            assert device is not None
            device.link_up()  # by a program that is no more
            s.start()
            await s.sink.until(lambda: s.sink.ups() >= 2)
            await s.sink.numbers_flow()
            assert s.peripherals[0].connects == 3

    @pytest.mark.parametrize("bonded", [False, True])
    async def test_a_link_that_its_controller_does_not_end_is_ended_all_the_same(self, bonded: bool) -> None:  # noqa: FBT001
        """Disconnect is never answered: the device is forgotten, or, where that would cost a bond, power-cycled."""
        async with served(timings=replace(STEADY, answer_s=1.0, scan_power_s=600.0)) as s:
            await s.all_up()
            await s.stop()
            device = s.rig.device(s.peripherals[0])
            assert device is not None
            device.set_bonded(bonded=bonded)
            device.stuck = True
            device.link_up()
            s.start()
            await s.sink.until(lambda: s.sink.ups() >= 2)
            await s.sink.numbers_flow()
            assert (s.rig.adapter().removals, s.rig.adapter().power_cycles) == ((0, 1) if bonded else (1, 0))

    async def test_a_link_that_cannot_even_be_forgotten_costs_a_power_cycle(self) -> None:
        """Neither Disconnect nor RemoveDevice is answered: with no other link on the adapter its power is switched."""
        async with served(timings=replace(STEADY, answer_s=1.0, scan_power_s=600.0)) as s:
            await s.all_up()
            await s.stop()
            device = s.rig.device(s.peripherals[0])
            assert device is not None
            device.stuck = device.clings = True
            device.link_up()
            s.start()
            await s.sink.until(lambda: s.sink.ups() >= 2)
            await s.sink.numbers_flow()
            assert (s.rig.adapter().removals, s.rig.adapter().power_cycles) == (0, 1)


class TestRow10Losses:
    """Notifications are lost above the link, and the link itself goes at each short shadow."""

    async def test_losses_are_gaps_and_nothing_else(self) -> None:
        """What is lost is missing, in its place; everything else is there once and in order."""
        async with served([numbered_node(0)], [numbered_peripheral(0, 100.0)]) as s:
            count = iter(range(10**9))
            s.peripherals[0].faults.lose = lambda: next(count) % 7 == 3
            await s.sink.until(lambda: len(s.sink.numbers()) >= 60)
            numbers = s.sink.numbers()
            first = firmware(s.peripherals[0]).first[0]
            assert numbers == [n for n in range(numbers[0], numbers[-1] + 1) if (n - first) % 7 != 3]


class TestRow11WriteSize:
    """The write size read right after connecting is 20, and 244 a moment later."""

    async def test_a_long_message_is_written_whatever_the_size_is_said_to_be(self) -> None:
        """While 23 is told, a long message goes as an answered write; when more is told, as a command."""
        peripheral = numbered_peripheral(0)
        peripheral.faults.small_mtu = True
        async with served(peripherals=[peripheral]) as s:
            await s.all_up()
            s.source.send(Send(link="n0", data=b"a" * 60, seq=1))
            await s.sink.until(lambda: firmware(peripheral).written == [b"a" * 60])
            device = s.rig.device(peripheral)
            assert device is not None
            device.set_mtu(247)
            await s.sink.numbers_flow()
            s.source.send(Send(link="n0", data=b"b" * 60, seq=2))
            await s.sink.until(lambda: len(firmware(peripheral).written) == 2)
            assert dict(s.rig.adapter().writes) == {"request": 1, "command": 1}
            assert s.sink.sent_seqs["n0"] == [1, 2]
