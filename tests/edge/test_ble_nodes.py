"""Configured Bluetooth nodes: what of an advertisement is theirs, and where their bytes are."""

from __future__ import annotations

import pytest

from edge.ble_nodes import PROFILES, ble_node
from edge.settings import BleSettings
from firmware_protocol import gatt

ADDRESS, OTHER = "C0:98:E5:51:ED:03", "C0:98:E5:51:ED:04"


def advert(node_id: int) -> dict[str, bytes]:
    return {gatt.SERVICE: gatt.write_advert(gatt.Advert(1, 0, 90, 5, node_id & 0xFFFFFFFF))}


def test_a_node_is_known_by_the_lower_half_of_its_id() -> None:
    """The id decides, whatever the address; an address that is given beside it does not count."""
    node = ble_node(BleSettings(link="a", node="51ed6a2d00000103", address=ADDRESS))
    assert node.is_in(OTHER, advert(0x51ED6A2D00000103))
    assert not node.is_in(ADDRESS, advert(0x51ED6A2D00000104))
    assert not node.is_in(ADDRESS, {})


def test_a_node_without_an_id_is_known_by_its_address() -> None:
    """Addresses are compared without regard to case."""
    node = ble_node(BleSettings(link="a", address=ADDRESS))
    assert node.is_in(ADDRESS.lower(), {})
    assert not node.is_in(OTHER, advert(0x51ED6A2D00000103))


@pytest.mark.parametrize("length", range(8))
def test_short_service_data_say_nothing(length: int) -> None:
    """Cut service data are no advertisement, and raise nothing."""
    assert gatt.read_advert(bytes(range(length))) is None
    assert not ble_node(BleSettings(link="a", node="51ed6a2d00000103")).is_in(ADDRESS, {gatt.SERVICE: bytes(length)})


def test_longer_service_data_are_of_a_later_version() -> None:
    """What is known of them is read."""
    told = gatt.Advert(1, 2, 255, 6, 0xDEADBEEF)
    assert gatt.read_advert(gatt.write_advert(told) + b"more") == told


def test_every_kind_that_can_be_configured_has_a_profile() -> None:
    """Each kind says where its bytes come and go."""
    assert all(ble_node(BleSettings(link="a", address=ADDRESS, kind=kind)).profile.layouts for kind in PROFILES)
