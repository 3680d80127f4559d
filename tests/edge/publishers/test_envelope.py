"""The envelope: identity, UTC and freshness."""

from __future__ import annotations

import json
import uuid

import pytest

from edge.clock import Instant
from edge.publishers.envelope import Origin, mint, seal, utc_text, uuid7

ORIGIN = Origin("box-1", "b-00ff")
UTC_NS = 1_763_633_885_250_000_000  # 2025-11-20T10:18:05.250Z
NOW = Instant(mono_ns=100_000_000_000, utc_ns=UTC_NS, synced=True)
CHANCE = bytes(range(10))


def at(mono_s: float) -> Instant:
    """The same clocks at another moment."""
    mono_ns = round(mono_s * 1e9)
    return Instant(mono_ns, UTC_NS + mono_ns - NOW.mono_ns, synced=True)


def test_uuid7_is_a_version_7_uuid_of_its_time() -> None:
    """Version, variant and the 48 bits of time are where RFC 9562 wants them, whatever the chance bits."""
    for chance in (bytes(10), b"\xff" * 10, CHANCE):
        made = uuid.UUID(uuid7(0x0123_4567_89AB, chance))
        assert made.version == 7
        assert made.variant == uuid.RFC_4122
        assert made.int >> 80 == 0x0123_4567_89AB


def test_uuid7_keeps_74_bits_of_chance() -> None:
    """Two ids of one ms differ wherever the chance bits differ outside version and variant."""
    assert uuid7(1, bytes(10)) == "00000000-0001-7000-8000-000000000000"
    assert uuid7(1, b"\xff" * 10) == "00000000-0001-7fff-bfff-ffffffffffff"


def test_uuid7_needs_its_chance() -> None:
    """Too few random bytes are a mistake of ours."""
    with pytest.raises(ValueError, match="10 random bytes"):
        uuid7(1, b"")


def test_utc_text() -> None:
    """UTC is told to the ms, cut, not rounded, so that it never runs ahead."""
    assert utc_text(UTC_NS) == "2025-11-20T10:18:05.250Z"
    assert utc_text(UTC_NS + 999_999) == "2025-11-20T10:18:05.250Z"


def test_ts_is_the_utc_of_t_s() -> None:
    """A message decided 2 s ago has the UTC of then."""
    payload = mint({"type": "rep", "t_s": 98.0}, ORIGIN, NOW, CHANCE).fields
    assert payload["ts"] == "2025-11-20T10:18:03.250Z"
    assert payload["box"] == "box-1"
    assert payload["boot"] == "b-00ff"
    assert payload["v"] == 1
    assert payload["clock"] == "synced"
    assert "seq" not in payload


def test_seq_and_unsynced_clock_are_told() -> None:
    """The outbox's number and a clock that cannot be trusted are in the payload."""
    unsure = Instant(NOW.mono_ns, NOW.utc_ns, synced=False)
    payload = mint({"type": "rep", "t_s": 100.0}, ORIGIN, unsure, CHANCE, seq=7).fields
    assert (payload["seq"], payload["clock"]) == (7, "unsynced")


def test_id_stays_when_sent_again() -> None:
    """Sealing later changes freshness alone."""
    minted = mint({"type": "rep", "t_s": 100.0}, ORIGIN, NOW, CHANCE)
    first, again = (json.loads(seal(minted, at(s))) for s in (100.01, 130.0))
    assert first["id"] == again["id"]
    assert first["ts"] == again["ts"]
    assert (first["late"], again["late"]) == (False, True)
    assert (first["sent_s"], again["sent_s"]) == (100.01, 130.0)


@pytest.mark.parametrize(("sent_s", "late"), [(105.0, False), (105.001, True)])
def test_late_boundary(sent_s: float, late: bool) -> None:  # noqa: FBT001
    """Late is what is sent more than 5 s after it was decided."""
    minted = mint({"type": "rep", "t_s": 100.0}, ORIGIN, NOW, CHANCE)
    assert json.loads(seal(minted, at(sent_s)))["late"] is late


def test_a_step_of_utc_makes_nothing_late() -> None:
    """Freshness is told by the monotonic clock: UTC set forward by an hour changes nothing."""
    minted = mint({"type": "alert", "t_s": 100.0}, ORIGIN, NOW, CHANCE)
    stepped = Instant(NOW.mono_ns + 10_000_000, NOW.utc_ns + 3_600_000_000_000, synced=True)
    assert json.loads(seal(minted, stepped))["late"] is False


def test_sent_is_never_before_decided() -> None:
    """A decision on the grid step that is just due may be ahead of the clock's reading by less than a step."""
    minted = mint({"type": "alert", "t_s": 100.0}, ORIGIN, NOW, CHANCE)
    assert json.loads(seal(minted, at(99.995)))["sent_s"] == 100.0
    assert minted.age_s(at(99.995)) == 0.0


def test_body_without_t_s_speaks_of_now() -> None:
    """Status and health carry the UTC of the moment they are made."""
    assert mint({"type": "status"}, ORIGIN, NOW, CHANCE).fields["ts"] == "2025-11-20T10:18:05.250Z"
