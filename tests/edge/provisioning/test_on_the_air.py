"""scan, pair and doctor against the simulated BlueZ."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rig_bluez.harness import WAIT_S, bus_connections, needs_dbus
from rig_bluez.numbered import NumberedFirmware

from edge.config import Config, load
from edge.errors import SledguardError, TransientError
from edge.ingest.drivers import DRIVERS
from edge.provisioning.commands import entry_of
from edge.provisioning.facts import gather
from edge.provisioning.findings import findings
from edge.provisioning.taking_in import TakenIn, take_in
from edge.settings import BleSettings
from edge.simulator.bluez.errors import failed
from edge.simulator.bluez.native import NativeFirmware, peripherals_of
from edge.simulator.bluez.peripheral import Advert, Characteristic, Peripheral, Service
from edge.simulator.bluez.rig import Rig
from edge.simulator.demo import demo_scenario
from edge.simulator.session import Session, simulate

pytestmark = needs_dbus


@pytest.fixture(scope="module")
def session() -> Session:
    """What the nodes would play."""
    return simulate(demo_scenario())


def shank(session: Session, *, encrypted: bool = False) -> Peripheral:
    """The left shank's node."""
    one = peripherals_of(session)[3]
    if encrypted:
        one.services = tuple(
            Service(s.uuid, tuple(Characteristic(c.uuid, c.flags, encrypted=True) for c in s.characteristics))
            for s in one.services
        )
    return one


def never(_question: str) -> str:
    raise AssertionError("nothing is to be asked")


async def taken(peripheral: Peripheral, ask: Callable[[str], str] = never) -> tuple[TakenIn, list[str]]:
    """Take a node in; what was learnt and what was said."""
    said: list[str] = []
    return await take_in(peripheral.address, 5.0, ask, said.append), said


async def test_a_node_is_taken_in(session: Session) -> None:
    """It is found, needs no bond, tells id, place, firmware and battery, and shows itself; nothing stays behind."""
    peripheral = shank(session)
    async with Rig([peripheral]) as rig:
        learnt, said = await taken(peripheral)
        assert (learnt.node, learnt.places, learnt.firmware) == ("51ed6a2d00000103", {1: "left_shank"}, "1.0.0")
        assert (learnt.battery_pct, learnt.bonded) == (97, False)
        assert said[1:] == ["connected", "asks for no bond", "blinks and buzzes for 5 s"]
        assert isinstance(peripheral.firmware, NativeFirmware)
        assert peripheral.firmware.node.identified == [5]
        assert rig.adapter().links() == 0
        assert rig.adapter().scanners == set()
        assert await bus_connections() == 2  # bluetoothd and bleak's own


class TestRow12Bonding:
    """pair() needs an agent on the bus, and may return OK having done nothing."""

    async def test_a_node_that_asks_for_a_bond_gets_one(self, session: Session) -> None:
        """An agent is there while bonding and gone after it; what was refused before is read."""
        peripheral = shank(session, encrypted=True)
        async with Rig([peripheral]) as rig:
            learnt, said = await taken(peripheral)
            assert learnt.bonded
            assert said[2] == "bonded, and proved by reading 3 characteristic(s) that were refused before"
            assert rig.adapter().bonds == {peripheral.address}
            assert rig.daemon.agents == {}

    async def test_a_bond_that_is_none_is_found_out(self, session: Session) -> None:
        """A pairing that says OK and did nothing is told as failed."""
        peripheral = shank(session, encrypted=True)
        peripheral.faults.pair_lies = True
        async with Rig([peripheral]):
            with pytest.raises(SledguardError, match="says that it is bonded, but it refuses"):
                await taken(peripheral)

    @pytest.mark.parametrize(("answer", "bonded"), [("", True), ("y", True), ("n", False)])
    async def test_a_number_to_compare_is_put_to_the_user(self, session: Session, answer: str, bonded: bool) -> None:  # noqa: FBT001
        """The number is shown; only who does not refuse is bonded."""
        peripheral, asked = shank(session, encrypted=True), list[str]()
        peripheral.faults.compares = 4711

        def ask(question: str) -> str:
            asked.append(question)
            return answer

        async with Rig([peripheral]) as rig:
            if bonded:
                assert (await taken(peripheral, ask))[0].bonded
            else:
                with pytest.raises(TransientError, match="could not be bonded"):
                    await taken(peripheral, ask)
            assert asked == ["Does the sensor show 004711? [Y/n]"]
            assert (peripheral.address in rig.adapter().bonds) is bonded


async def test_what_is_no_sensor_is_refused(session: Session) -> None:
    """Headphones are named as what they are not, and left alone."""
    headphones = Peripheral("11:22:33:44:55:66", Advert("Anna's headphones"), (), NumberedFirmware())
    async with Rig([headphones, shank(session)]):
        with pytest.raises(SledguardError, match=r"Anna's headphones.*no sensor that is known"):
            await taken(headphones)
        assert headphones.connects == 0


async def test_a_node_that_is_not_there(session: Session) -> None:
    """After the time it is told with what to look at."""
    async with Rig([]):
        with pytest.raises(TransientError, match=r"not heard in 0\.5 s: is it charged"):
            await take_in("C0:98:E5:51:ED:03", 0.5, never, lambda _text: None)


async def test_a_node_that_is_served_already(session: Session) -> None:
    """Somebody else's link is not touched; the user is told to stop it."""
    peripheral = shank(session)
    async with Rig([peripheral]) as rig:
        await taken(peripheral)
        device = rig.device(peripheral)
        assert device is not None
        device.link_up()
        with pytest.raises(TransientError, match="connected already: stop what serves it"):
            await taken(peripheral)
        assert device.connected


async def test_a_node_that_cannot_be_connected(session: Session) -> None:
    """The reason is told, and what may help."""
    peripheral = shank(session)
    peripheral.faults.connect.extend([failed("br-connection-unknown")] * 5)
    async with Rig([peripheral]):
        with pytest.raises(TransientError, match=r"br-connection-unknown.*nearer"):
            await taken(peripheral)


async def test_a_bought_sensor_is_taken_in(session: Session) -> None:
    """It is recognised by its service; its place stands in the entry."""
    gatt = DRIVERS["witmotion"].gatt
    assert gatt is not None
    service = Service(gatt.service, (Characteristic(gatt.notify, ("notify",)), Characteristic(gatt.write, ("write",))))
    sensor = Peripheral("E0:12:34:56:78:9A", Advert("WT901BLE68"), (service,), NumberedFirmware())
    async with Rig([sensor]):
        learnt, _ = await taken(sensor)
    entry = entry_of(learnt, "left_shank", "left-shank")
    assert (entry.kind, entry.address, entry.role, entry.node) == ("witmotion", sensor.address, "left_shank", None)
    with pytest.raises(SledguardError, match="cannot be the footplate"):
        entry_of(learnt, "footplate", "plate")


def test_what_is_written_of_a_load_cell() -> None:
    """Which one it is; nothing else can be a cell, and a cell nothing else."""
    scale = TakenIn("C0", "progressor", "Progressor_1", None, {}, (), None, 80, bonded=False)
    entry = entry_of(scale, "left_heel", "left-heel")
    assert (entry.kind, entry.cell, entry.role) == ("progressor", "left_heel", None)
    with pytest.raises(SledguardError, match="say which, one of left_heel"):
        entry_of(scale, "footplate", "plate")
    with pytest.raises(SledguardError, match="and this is witmotion"):
        entry_of(TakenIn("C0", "witmotion", "WT", None, {}, (), None, None, bonded=False), "left_heel", "a")


def test_what_is_written_of_a_native_node() -> None:
    """Its own place needs no word; another one does; cells and many channels are not guessed."""
    node = TakenIn("C0", "native", "x", "51ed6a2d00000103", {1: "left_shank"}, (1,), None, None, bonded=False)
    assert entry_of(node, "left_shank", "a").role is None
    assert entry_of(node, "right_shank", "a").role == "right_shank"
    assert entry_of(node, "hub", "a").role is None
    with pytest.raises(SledguardError, match="do not say that they are the footplate"):
        entry_of(node, "footplate", "a")
    many = TakenIn("C0", "native", "x", "51ed6a2d00000103", {1: None, 2: None}, (1, 2), None, None, bonded=False)
    with pytest.raises(SledguardError, match="2 inertial channels"):
        entry_of(many, "sled", "a")


async def command(*arguments: object) -> tuple[int, str, str]:
    """Run sledguard beside the rig: exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge.cli", *map(str, arguments)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(3 * WAIT_S):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_scan_pair_and_doctor_one_after_the_other(session: Session, tmp_path: Path) -> None:
    """What scan shows can be paired, what was paired is in the file, and the doctor measures it."""
    path, peripheral = tmp_path / "edge.toml", shank(session)
    async with Rig([peripheral]):
        code, out, _ = await command("scan", "--seconds", 1)
        assert code == 0
        assert peripheral.address in out
        code, out, err = await command("pair", peripheral.address, "--as", "right_thigh", "--config", path, "--yes")
        assert (code, err) == (0, "")
        assert "written to" in out
        settings = load(path)
        assert settings.ble[0].node == "51ed6a2d00000103"
        assert settings.ble[0].role == "right_thigh"
        code, out, _ = await command("doctor", "--config", path, "--seconds", 1)
        assert code == 0
        for wanted in ("hci0", "1 node(s), room for 7 link(s)", "firmware 1.0.0", "battery at 97 %", "broker"):
            assert wanted in out


async def test_the_doctor_misses_a_node(session: Session) -> None:
    """A configured node that is not heard is a finding, with what to look at."""
    settings = Config(ble=(BleSettings(link="shank", node="51ed6a2d00000103"),))
    async with Rig([shank(session)]) as rig:
        rig.peripherals[0].in_range = False
        found = findings(await gather(settings, 0.0))
    assert [(one.grade, one.do) for one in found if one.about == "shank"] == [
        ("bad", "is it charged, switched on and near?")
    ]


async def test_the_commands_without_bluetoothd(tmp_path: Path) -> None:
    """One line that says what to start, and exit code 1; the doctor says it as a finding."""
    async with Rig([]) as rig:
        await rig.kill()
        code, _, err = await command("pair", "C0:98:E5:51:ED:03", "--as", "sled", "--config", tmp_path / "e")
        assert (code, err.strip()) == (1, "sledguard: bluetoothd is not running: sudo systemctl start bluetooth")
        (found,) = findings(await gather(Config(), 0.0))
        assert (found.grade, found.do) == ("bad", "sudo systemctl start bluetooth")
