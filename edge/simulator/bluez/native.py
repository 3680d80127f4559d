"""Virtual nodes of the open protocol on Bluetooth: one small node for each sensor of a session."""

from __future__ import annotations

from collections.abc import Callable

from edge.simulator.bluez.peripheral import Advert, Characteristic, Peripheral, Service
from edge.simulator.feeds import PLACEMENTS, Loop, feeds_of
from edge.simulator.nodes import NodeSettings, Stage, VirtualNode
from edge.simulator.session import Session
from firmware_protocol import gatt, wire
from firmware_protocol.messages import TYPES, Ack, CfgValue, Info, TimeRsp
from firmware_protocol.registries import HwClass, NodeState, Placement

BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
MODEL, MAKER = "00002a24-0000-1000-8000-00805f9b34fb", "00002a29-0000-1000-8000-00805f9b34fb"
SERVICES = (
    Service(gatt.SERVICE, (
        Characteristic(gatt.INFO, ("read", "notify")),
        Characteristic(gatt.DATA, ("notify",)),
        Characteristic(gatt.CTRL, ("write", "write-without-response", "notify")),
    )),
    Service("0000180f-0000-1000-8000-00805f9b34fb", (Characteristic(BATTERY_LEVEL, ("read", "notify")),)),
    Service("0000180a-0000-1000-8000-00805f9b34fb", (
        Characteristic(MODEL, ("read",)), Characteristic(MAKER, ("read",)),
    )),
)  # fmt: skip
UPWARD = {TYPES[Info]: gatt.INFO, TYPES[Ack]: gatt.CTRL, TYPES[CfgValue]: gatt.CTRL, TYPES[TimeRsp]: gatt.CTRL}
MAX_MSG = 244  # what a notification holds at ATT_MTU 247
FIRST_ID = 0x51ED6A2D00000100


class NativeFirmware:
    """A virtual node behind GATT. clock: the node's time, ns, where it is not that of the caller."""

    def __init__(self, node: VirtualNode, clock: Callable[[], int] | None = None) -> None:
        self.node = node
        self._clock = clock

    def linked(self, t_ns: int) -> None:
        """See Firmware."""

    def unlinked(self, t_ns: int) -> None:
        """See Firmware: nobody listens any more."""
        self.node.link_lost()

    def write(self, t_ns: int, uuid: str, data: bytes) -> None:
        """See Firmware."""
        if uuid == gatt.CTRL:
            self.node.receive(self._now(t_ns), data)

    def read(self, uuid: str) -> bytes:
        """See Firmware."""
        if uuid == gatt.INFO:
            return wire.encode(self.node.info())
        battery = bytes([min(self.node.settings.battery_pct, 100)])
        return {BATTERY_LEVEL: battery, MODEL: b"virtual node", MAKER: b"sledguard"}.get(uuid, b"")

    def poll(self, t_ns: int) -> list[tuple[str, bytes]]:
        """See Firmware."""
        messages = self.node.advance_messages(self._now(t_ns))
        return [(UPWARD.get(message[1], gatt.DATA), message) for message in messages]

    def _now(self, t_ns: int) -> int:
        return t_ns if self._clock is None else self._clock()


def peripheral_of(node: VirtualNode, address: str, name: str, clock: Callable[[], int] | None = None) -> Peripheral:
    """A virtual node in the air."""
    info = node.info()
    placement = info.channels[0].placement if info.channels else Placement.UNKNOWN
    told = gatt.Advert(info.major, NodeState.IDLE, node.settings.battery_pct, placement, info.node_id & 0xFFFFFFFF)
    advert = Advert(name, (gatt.SERVICE,), {gatt.SERVICE: gatt.write_advert(told)})
    return Peripheral(address, advert, SERVICES, NativeFirmware(node, clock))


def peripherals_of(
    session: Session, loop: Loop | None = None, clock: Callable[[], int] | None = None
) -> list[Peripheral]:
    """A node for each sensor of a session, all on one stage: they begin when the last one streams."""
    stage, found = Stage(len(session.streams)), []
    for index, role in enumerate(session.streams):
        settings = NodeSettings(
            FIRST_ID + index,
            HwClass.FIXED if role == "sled" or role not in PLACEMENTS else HwClass.WORN,
            framed=False,
            clock_ppm=(17.0, -9.0, 4.0, -21.0)[index % 4],
            clock_zero_us=1_000_000 * (index + 1),
            max_msg=MAX_MSG,
            battery_pct=(93, 88, 61, 97)[index % 4],
        )
        node = VirtualNode(settings, feeds_of(session, (role,), loop), stage)
        found.append(peripheral_of(node, f"C0:98:E5:51:ED:{index:02X}", role.replace("_", " "), clock))
    return found
