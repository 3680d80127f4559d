"""The BLE source on the simulated BlueZ: who is connected, by which adapter, and what is told meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from rig_bluez.harness import QUICK, STEADY, bus_connections, needs_dbus, served
from rig_bluez.numbered import firmware, numbered_node, numbered_peripheral

from edge.clock import monotonic_ns
from edge.events import Send
from edge.simulator.bluez.errors import failed
from edge.simulator.bluez.peripheral import Characteristic, Service
from edge.simulator.bluez.peripheral import Radio as SimulatedRadio
from edge.sources.ble.deadline import Deadline

pytestmark = needs_dbus


async def test_everything_arrives_stamped_and_in_order() -> None:
    """All that a node notifies while subscribed comes through, once, in order, with rising times of arrival."""
    before_ns = monotonic_ns()
    async with served(peripherals=[numbered_peripheral(0, 100.0)]) as s:
        await s.sink.until(lambda: len(s.sink.numbers()) >= 50)
        numbers, stamps = s.sink.numbers(), s.sink.stamps_ns["n0"]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert stamps == sorted(stamps)
        assert before_ns < stamps[0] <= stamps[-1] <= monotonic_ns()


async def test_messages_reach_the_node_in_order_and_are_reported() -> None:
    """What is sent is written to the node, one after the other, and each is reported once."""
    async with served() as s:
        await s.all_up()
        for seq in range(20):
            s.source.send(Send(link="n0", data=b"%d" % seq, seq=seq))
        await s.sink.until(lambda: len(firmware(s.peripherals[0]).written) == 20)
        assert firmware(s.peripherals[0]).written == [b"%d" % seq for seq in range(20)]
        assert s.sink.sent_seqs["n0"] == list(range(20))


async def test_messages_to_a_node_that_is_away_are_dropped() -> None:
    """Nothing is kept for a node that is not there: said too late is worse than not said."""
    async with served() as s:
        s.peripherals[0].in_range = False
        s.source.send(Send(link="n0", data=b"x", seq=1))
        assert s.source.counts("n0")["sends_dropped"] == 1
        s.peripherals[0].in_range = True
        await s.all_up()
        await s.sink.numbers_flow()
        assert firmware(s.peripherals[0]).written == []


async def test_nobody_but_the_configured_is_connected() -> None:
    """A neighbour's node of the same kind, near and loud, is heard and left alone."""
    peripherals = [numbered_peripheral(0), numbered_peripheral(1)]
    peripherals[1].rssi = -20
    async with served([numbered_node(0)], peripherals) as s:
        await s.all_up()
        await s.sink.numbers_flow()
        assert peripherals[1].connects == 0


async def test_a_node_is_known_by_its_id_whatever_its_address() -> None:
    """Configured by id, it is found, and found again under another address."""
    peripherals = [numbered_peripheral(5), numbered_peripheral(6)]
    node = numbered_node(0, address=None, node_id="c0ffee0000000005")
    async with served([node], peripherals) as s:
        await s.all_up()
        assert (peripherals[0].connects, peripherals[1].connects) == (1, 0)
        s.rig.drop(peripherals[0], vanish=True)
        moved = numbered_peripheral(5)
        moved.address = "7A:11:22:33:44:55"
        s.rig.peripherals.append(moved)
        await s.sink.until(lambda: s.sink.ups() >= 2)
        assert moved.connects == 1


async def test_a_silent_link_is_given_up_and_opened_anew() -> None:
    """Connected but silent: told as such, and served again once the node speaks."""
    async with served(timings=QUICK) as s:
        await s.sink.numbers_flow(more=8)
        s.peripherals[0].faults.mute = True
        await s.sink.until(lambda: "silent" in s.sink.problem())
        s.peripherals[0].faults.mute = False
        await s.sink.until(lambda: s.sink.ups() >= 2)
        await s.sink.numbers_flow()
        assert s.source.counts("n0")["silences"] >= 1


async def test_a_node_that_cannot_be_reached_does_not_hold_up_the_others() -> None:
    """An attempt that hangs ends at its limit, and the other node is connected."""
    peripherals = [numbered_peripheral(0), numbered_peripheral(1)]
    peripherals[0].faults.connect.extend(["hang"])
    hasty = replace(STEADY, connect_s=3.0)
    async with served([numbered_node(0), numbered_node(1)], peripherals, timings=hasty) as s:
        await s.sink.until(lambda: s.sink.problem("n1") == "")
        await s.sink.until(lambda: s.sink.problem("n0") == "")


async def test_attempts_that_fail_are_repeated() -> None:
    """Errors of a bad radio are told and tried again until one attempt works."""
    peripheral = numbered_peripheral(0)
    peripheral.faults.connect.extend([failed("br-connection-unknown")] * 3)
    async with served(peripherals=[peripheral]) as s:
        await s.sink.until(lambda: "br-connection-unknown" in s.sink.problem())
        await s.all_up()


async def test_an_adapter_that_is_pulled_and_put_back() -> None:
    """Its going is told at once with what to do; when it is back its nodes are."""
    async with served() as s:
        await s.all_up()
        s.rig.pull()
        await s.sink.until(lambda: any("plug it in again" in (p or "") for p in s.sink.changes["n0"]))
        await s.sink.until(lambda: "no Bluetooth adapter" in s.sink.problem())
        s.rig.put_back()
        await s.sink.until(lambda: s.sink.ups() >= 2)
        await s.sink.numbers_flow()


async def test_an_adapter_that_is_switched_off_and_on() -> None:
    """Without power it is named so; with it the node is back."""
    async with served() as s:
        await s.all_up()
        s.rig.adapter().set_power(on=False)
        await s.sink.until(lambda: "rfkill" in s.sink.problem())
        s.rig.adapter().set_power(on=True)
        await s.sink.until(lambda: s.sink.ups() >= 2)


async def test_links_are_spread_over_adapters() -> None:
    """Six nodes on two adapters that together hold just six: each is filled; one that goes gives its nodes away."""
    peripherals = [numbered_peripheral(index) for index in range(6)]
    radios = [SimulatedRadio("hci0", slots=3), SimulatedRadio("hci1", "00:1A:7D:DA:71:01", slots=3)]
    async with served([numbered_node(i) for i in range(6)], peripherals, radios, slots=3) as s:
        await s.all_up()
        assert (s.rig.adapter("hci0").links(), s.rig.adapter("hci1").links()) == (3, 3)
        first = [device.peripheral for device in s.rig.adapter("hci0").devices.values() if device.connected]
        for one in first:
            s.rig.drop(one, vanish=True)
        s.rig.pull("hci1")
        await s.sink.until(lambda: sum(one.is_linked for one in peripherals if one not in first) == 3)
        assert s.rig.adapter("hci0").links() == 3


async def test_a_node_stays_on_its_adapter() -> None:
    """A node that is configured for one adapter waits for it rather than use another."""
    radios = [SimulatedRadio("hci0"), SimulatedRadio("hci1", "00:1A:7D:DA:71:01", plugged=False)]
    async with served([numbered_node(0, adapter="hci1")], radios=radios) as s:
        await s.sink.until(lambda: "adapter hci1 is gone" in s.sink.problem())
        s.rig.put_back("hci1")
        await s.all_up()
        assert (s.rig.adapter("hci0").links(), s.rig.adapter("hci1").links()) == (0, 1)


async def test_a_node_that_wants_a_bond_is_told_to_be_paired() -> None:
    """Encrypted characteristics without a bond: the user is told the command."""
    peripheral = numbered_peripheral(0)
    service = peripheral.services[0]
    encrypted = tuple(Characteristic(c.uuid, c.flags, encrypted=True) for c in service.characteristics)
    peripheral.services = (Service(service.uuid, encrypted),)
    async with served(peripherals=[peripheral]) as s:
        await s.sink.until(lambda: f"sledguard pair {peripheral.address}" in s.sink.problem())
        s.rig.adapter().bonds.add(peripheral.address)
        s.rig.adapter().forget(s.rig.device(peripheral))  # type: ignore[arg-type]
        s.rig.adapter().bonds.add(peripheral.address)
        await s.all_up()


async def test_a_node_that_cannot_be_written_to_is_given_up() -> None:
    """A write that is never answered ends the link, and it is opened anew."""
    async with served(timings=replace(STEADY, write_s=0.6)) as s:
        await s.all_up()
        device = s.rig.device(s.peripherals[0])
        assert device is not None
        device.answers_writes.clear()
        s.source.send(Send(link="n0", data=b"x", seq=1))
        await s.sink.until(lambda: any("takes no bytes" in (p or "") for p in s.sink.changes["n0"]))
        device.answers_writes.set()
        await s.sink.until(lambda: s.sink.ups() >= 2)


async def test_no_bluetooth_at_all_is_said_and_waited_for() -> None:
    """Without a bluetoothd the user is told to start one; when it starts, all is well."""
    async with served() as s:
        await s.rig.kill()
        await s.sink.until(lambda: "systemctl start bluetooth" in s.sink.problem())
        await s.rig.start()
        await s.all_up()


async def test_stopping_leaves_nothing() -> None:
    """After a stop no task, link or scan is left, and only bleak's own bus connection."""
    async with served() as s:
        before = asyncio.all_tasks() - set(s.tasks)
        await s.all_up()
        await s.stop()
        assert {task.get_name() for task in asyncio.all_tasks() - before if "ble" in task.get_name()} == set()
        assert s.rig.adapter().links() == 0
        assert s.rig.adapter().scanners == set()
        assert await bus_connections() == 2


async def test_deadline_holds_where_clean_up_hangs() -> None:
    """A block whose own clean-up hangs is left all the same, with TimeoutError, and the task goes on unharmed."""

    async def hanging() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.Event().wait()

    try:
        async with Deadline(0.01):
            await hanging()
    except TimeoutError:
        pass
    await asyncio.sleep(0)


async def test_deadline_leaves_a_cancellation_alone() -> None:
    """A cancellation from outside is not turned into TimeoutError."""
    begun = asyncio.Event()

    async def work() -> None:
        async with Deadline(60.0):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(outcome, asyncio.CancelledError)


async def test_sixty_nodes_at_twenty_a_second() -> None:
    """Five seconds of 60 × 20 notifications: all that was notified arrives, once and in order, as fast as may be."""
    peripherals = [numbered_peripheral(index) for index in range(60)]
    radio = SimulatedRadio("hci0", slots=60, connect_s=0.001, resolve_s=0.001)
    for peripheral in peripherals:
        firmware(peripheral).limit = 0
    async with served([numbered_node(i) for i in range(60)], peripherals, [radio], slots=60) as s:
        await s.all_up(600.0)
        for peripheral in peripherals:
            firmware(peripheral).limit = 100
        for index in range(60):
            await s.sink.until(lambda n=f"n{index}": s.sink.numbers(n)[-1:] == [99], 600.0)  # type: ignore[misc]
        assert sum(len(s.sink.data[link]) for link in s.source.links) == s.rig.notified
        for index in range(60):
            assert s.sink.numbers(f"n{index}") == list(range(100))
        assert all(s.source.counts(link)["opened"] == 1 for link in s.source.links)
