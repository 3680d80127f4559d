"""Who is let in: tickets, codes and keys, and everything that is none."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.access import CODE_S, Access, keys_in, new_keys
from dashboards.limits import Limit
from edge.errors import ConfigError
from edge.history.received import Place

HERE, THERE = Place(gym="gym", machine="press-1"), Place(gym="gym", machine="press-2")
ACCESS, OTHER = Access(new_keys()), Access(new_keys())
NOW_S = 1_760_000_000.0


def test_a_session_ticket_says_whose_it_is_until_it_ends() -> None:
    """Read back before its end, refused from its end on."""
    text = ACCESS.ticket("session", str(HERE), "s-1", NOW_S + 10)
    ticket = ACCESS.read("session", text, NOW_S + 9)
    assert ticket is not None
    assert (ticket.place, ticket.about) == (str(HERE), "s-1")
    assert ACCESS.read("session", text, NOW_S + 10) is None


def test_a_ticket_is_good_for_one_thing_and_one_installation() -> None:
    """No session ticket opens the staff's pages, and no other installation's ticket opens anything."""
    text = ACCESS.ticket("session", str(HERE), "coach", NOW_S + 10)
    assert ACCESS.read("staff", text, NOW_S) is None
    assert OTHER.read("session", text, NOW_S) is None


@given(at=st.integers(0, 200), bit=st.integers(0, 7))
def test_a_forged_ticket_is_refused(at: int, bit: int) -> None:
    """One changed character anywhere, and it is no ticket."""
    text = ACCESS.ticket("session", str(HERE), "s-1", NOW_S + 10)
    i = at % len(text)
    forged = text[:i] + chr(ord(text[i]) ^ (1 << bit)) + text[i + 1 :]
    read = ACCESS.read("session", forged, NOW_S)
    assert read is None or read == ACCESS.read("session", text, NOW_S)  # padding bits of base64 say nothing


@given(text=st.one_of(st.text(max_size=500), st.none(), st.integers()))
def test_nonsense_is_no_ticket(text: object) -> None:
    """Any text, and what is no text."""
    assert ACCESS.read("session", text, NOW_S) is None
    assert not ACCESS.is_join_ticket(HERE, text, NOW_S)
    assert not ACCESS.is_code(HERE, text, NOW_S) or text in {ACCESS.code(HERE, NOW_S)}
    assert not ACCESS.is_kiosk(text)


def test_a_join_ticket_is_for_its_machine_and_its_minute() -> None:
    """Not for the machine beside it, not after its end, and short enough for a coarse code."""
    text = ACCESS.join_ticket(HERE, NOW_S + 90)
    assert ACCESS.is_join_ticket(HERE, text, NOW_S + 89)
    assert not ACCESS.is_join_ticket(HERE, text, NOW_S + 90)
    assert not ACCESS.is_join_ticket(THERE, text, NOW_S)
    assert not OTHER.is_join_ticket(HERE, text, NOW_S)
    assert len(text) <= 24


def test_a_code_is_good_in_its_minute_and_the_next() -> None:
    """Six digits that change every minute and differ from machine to machine."""
    begins_s = NOW_S // CODE_S * CODE_S
    code = ACCESS.code(HERE, begins_s)
    assert len(code) == 6
    assert code.isdecimal()
    assert ACCESS.is_code(HERE, code, begins_s + 2 * CODE_S - 1)
    assert not ACCESS.is_code(HERE, code, begins_s + 2 * CODE_S)
    assert not ACCESS.is_code(THERE, code, begins_s)


def test_keys_open_their_own_role() -> None:
    """Coach's, operator's and kiosks' keys are three."""
    keys = ACCESS.keys
    assert ACCESS.role_of(keys.coach) == "coach"
    assert ACCESS.role_of(keys.operator) == "operator"
    assert ACCESS.role_of(keys.kiosk) is None
    assert ACCESS.role_of("") is None
    assert ACCESS.is_kiosk(keys.kiosk)
    assert not ACCESS.is_kiosk(keys.coach)


def test_keys_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    """Made where there are none, read again as they were, never readable by others."""
    path = tmp_path / "keys.json"
    keys = keys_in(path)
    assert keys_in(path) == keys
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len({keys.secret, keys.kiosk, keys.coach, keys.operator}) == 4


def test_damaged_keys_are_told_in_one_line(tmp_path: Path) -> None:
    """A file that holds no keys is not written over."""
    path = tmp_path / "keys.json"
    path.write_text("{")
    with pytest.raises(ConfigError, match=r"keys\.json: no usable keys"):
        keys_in(path)
    with pytest.raises(ConfigError, match="cannot be written"):
        keys_in(tmp_path / "none" / "keys.json")


def test_no_key_stands_in_a_ticket() -> None:
    """What is signed with the secret does not hold it."""
    text = ACCESS.ticket("staff", "", "coach", NOW_S)
    assert all(value not in text for value in msgspec.structs.asdict(ACCESS.keys).values())


def test_a_limit_lets_a_burst_through_and_then_what_its_rate_allows() -> None:
    """Five at once, then one every twelve seconds; another caller has his own."""
    limit = Limit(5, 1 / 12)
    assert [limit.allows("a", 0.0) for _ in range(6)] == [True] * 5 + [False]
    assert limit.allows("b", 0.0)
    assert not limit.allows("a", 11.9)
    assert limit.allows("a", 12.1)
