"""The air of the machine: bumble's controllers on one link, the adapter among them made to behave as real ones do."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import struct

from bumble import hci
from bumble.controller import Controller
from bumble.core import AdvertisingData, PhysicalTransport
from bumble.device import Device
from bumble.gatt import Characteristic, Service
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink
from rig_bluez.numbered import CTRL, DATA, SERVICE, address_of

ENHANCED = 1 << 9  # of the LE event mask: tell of new links by the enhanced event, and by no other
TOLD_OF_A_LINK = tuple(one.name for one in dataclasses.fields(hci.HCI_LE_Connection_Complete_Event) if one.init)


class SteadyLink(LocalLink):
    """Linux gives its adapter a new random address for each scan; data go on under the address of their link."""

    def send_acl_data(
        self, sender_controller: Controller, destination_address: hci.Address, transport: PhysicalTransport, data: bytes
    ) -> None:
        """See LocalLink."""
        receiver = self.find_le_controller(destination_address)
        connection = sender_controller.le_connections.get(destination_address)
        if receiver is None or connection is None:
            return
        source = connection.self_address
        asyncio.get_running_loop().call_soon(lambda: receiver.on_link_acl_data(source, transport, data))


class Adapter(Controller):
    """Tells of new links by the event that the kernel asked for, and ends an attempt that is called off.

    The kernel works off one command after the other, and waits for what each is to be answered with: without these two
    it stands still for seconds at each connection, and for ever once an attempt was called off.
    """

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """See Controller."""
        if isinstance(packet, hci.HCI_LE_Connection_Complete_Event) and self.le_event_mask & ENHANCED:
            packet = hci.HCI_LE_Enhanced_Connection_Complete_Event(
                local_resolvable_private_address=hci.Address.ANY_RANDOM,
                peer_resolvable_private_address=hci.Address.ANY_RANDOM,
                **{name: getattr(packet, name) for name in TOLD_OF_A_LINK},
            )
        super().send_hci_packet(packet)

    def on_hci_le_create_connection_cancel_command(
        self, command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """See Controller."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        called_off = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, called_off)
        return super().on_hci_le_create_connection_cancel_command(command)


class Node:
    """One bumble device that notifies running numbers. mute: it stays connected and says nothing."""

    def __init__(self, index: int, link: LocalLink, rate_hz: float, filler: int) -> None:
        self.mute = False
        self.next_number = 0
        self._period_s, self._filler = 1 / rate_hz, bytes(filler)
        controller = Controller(f"node{index}", link=link)
        host = Host(controller, AsyncPipeSink(controller))
        self.device = Device(f"node {index}", address=hci.Address(address_of(index)), host=host)
        read, write = Characteristic.Permissions.READABLE, Characteristic.Permissions.WRITEABLE
        self._data = Characteristic(DATA, Characteristic.Properties.NOTIFY, read, bytes(4))
        kinds = Characteristic.Properties.WRITE | Characteristic.Properties.WRITE_WITHOUT_RESPONSE
        self.device.add_service(Service(SERVICE, [self._data, Characteristic(CTRL, kinds, write, b"")]))

    async def run(self) -> None:
        """Advertise, and notify whoever has subscribed, at an even rate."""
        await self.device.power_on()
        name = bytes(AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, self.device.name.encode())]))
        await self.device.start_advertising(auto_restart=True, advertising_data=name)
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            due_s = max(due_s + self._period_s, loop.time() - 1.0)
            await asyncio.sleep(due_s - loop.time())
            if self.device.connections and not self.mute:
                value = struct.pack("<I", self.next_number) + self._filler
                self.next_number += 1
                with contextlib.suppress(Exception):
                    await self.device.notify_subscribers(self._data, value)

    async def drop(self) -> None:
        """End the link from the node's side."""
        for connection in list(self.device.connections.values()):
            await connection.disconnect()
