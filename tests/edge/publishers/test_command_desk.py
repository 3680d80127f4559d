"""What is asked over MQTT: accepted once, or refused with a reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import Instant
from edge.commands import Command, Identify, SetLoad, Tare
from edge.events import CommandResult
from edge.publishers.broker_connection import Incoming
from edge.publishers.command_desk import AHEAD_MAX_S, STALE_AFTER_S, CommandDesk, reply_topic

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
NOW = Instant(10**12, round(NOON.timestamp() * 1e9), synced=True)
TARE = {"id": "t-1", "ts": "2026-01-31T12:00:00Z", "role": "footplate"}


class Desk:
    """A desk, what it acted upon, and what it answered."""

    def __init__(self) -> None:
        self.acted: list[Command] = []
        self.answers: list[CommandResult] = []
        self.desk = CommandDesk(
            [Identify, SetLoad, Tare], self.acted.append, lambda result, _incoming: self.answers.append(result)
        )

    def take(self, name: str, payload: object, now: Instant = NOW, *, retained: bool = False) -> None:
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.desk.take(Incoming(topic=f"sledguard/v1/g/machine/m/cmd/{name}", payload=data, retained=retained), now)

    def problem(self) -> str:
        (answer,) = self.answers
        assert not answer.ok
        assert self.acted == []
        return answer.problem or ""


@pytest.fixture
def desk() -> Desk:
    """An empty desk."""
    return Desk()


def test_command_is_acted_upon_and_answered(desk: Desk) -> None:
    """A fresh command is handed on as its type; its result echoes the id."""
    desk.take("tare", TARE)
    assert desk.acted == [Tare(id="t-1", ts=TARE["ts"], role="footplate")]
    assert desk.answers == []
    result = CommandResult(t_s=1.0, command="tare", command_id="t-1", ok=True)
    desk.desk.finish(result)
    assert desk.answers == [result]


def test_repeated_command_is_acted_upon_once(desk: Desk) -> None:
    """A second delivery does nothing while the first is at work, and then gets its result again."""
    desk.take("tare", TARE)
    desk.take("tare", TARE)
    assert len(desk.acted) == 1
    assert desk.answers == []
    result = CommandResult(t_s=1.0, command="tare", command_id="t-1", ok=True)
    desk.desk.finish(result)
    desk.take("tare", TARE)
    assert len(desk.acted) == 1
    assert desk.answers == [result, result]


def test_retained_command_is_refused(desk: Desk) -> None:
    """What a broker kept for whoever comes is no command for now."""
    desk.take("tare", TARE, retained=True)
    assert desk.problem().startswith("retained")


@pytest.mark.parametrize(
    ("age_s", "refused"),
    [(STALE_AFTER_S, False), (STALE_AFTER_S + 0.1, True), (-AHEAD_MAX_S, False), (-AHEAD_MAX_S - 0.1, True)],
)
def test_stale_command_is_refused(desk: Desk, age_s: float, refused: bool) -> None:  # noqa: FBT001
    """Older than its limit, or too far ahead to tell: refused."""
    desk.take("tare", TARE | {"ts": (NOON - timedelta(seconds=age_s)).isoformat()})
    assert bool(desk.acted) is not refused
    if refused:
        assert desk.problem().startswith("stale")


def test_box_without_the_time_cannot_judge_age(desk: Desk) -> None:
    """A box whose clock nobody holds takes commands of any age: the broker keeps none for it."""
    desk.take("tare", TARE | {"ts": "2020-01-01T00:00:00Z"}, Instant(NOW.mono_ns, NOW.utc_ns, synced=False))
    assert len(desk.acted) == 1


def test_unknown_command_is_refused(desk: Desk) -> None:
    """A name that is not known is told with those that are."""
    desk.take("explode", TARE)
    assert "identify, set_load, tare" in desk.problem()
    assert desk.answers[0].command == "explode"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"not json", "must be a JSON object"),
        (b"[1]", "must be a JSON object"),
        (b'"' + b"x" * 10_000 + b'"', "too long: 10002 bytes"),
        ({"id": "t-1"}, "ts"),
        (TARE | {"ts": "yesterday"}, "ts"),
        (TARE | {"ts": "2026-01-31T12:00:00"}, "ts"),
        (TARE | {"role": "nose"}, "role"),
        (TARE | {"rolle": "sled"}, "rolle"),
        (TARE | {"id": "a b"}, "id"),
        (TARE | {"id": 7}, "id"),
    ],
)
def test_unreadable_command_is_refused(desk: Desk, payload: object, said: str) -> None:
    """What does not read is refused, and the reason names the field."""
    desk.take("tare", payload)
    assert said in desk.problem()


def test_clearing_a_retained_command_is_none(desk: Desk) -> None:
    """An empty message is how a topic is cleared, as the refusal of a retained command asks: it is passed over."""
    desk.take("tare", b"", retained=True)
    desk.take("tare", b"")
    assert desk.answers == []
    assert desk.acted == []


@pytest.mark.parametrize("load_kg", [-0.1, 2000.1, "heavy"])
def test_value_out_of_range_is_refused(desk: Desk, load_kg: object) -> None:
    """A value that makes no sense is refused, not cut."""
    desk.take("set_load", {"id": "l-1", "ts": TARE["ts"], "load_kg": load_kg})
    assert "load_kg" in desk.problem()


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_survived(payload: bytes) -> None:
    """No bytes make it fail or act."""
    desk = Desk()
    desk.take("tare", payload)
    assert desk.acted == []
    assert len(desk.answers) == 1


@pytest.mark.parametrize(
    ("wanted", "given_back"),
    [
        ("sledguard/v1/g/reply/phone-7", True),
        ("sledguard/v1/g/machine/m/rep", False),
        ("sledguard/v1/other/reply/x", False),
        ("sledguard/v1/g/reply/#", False),
        (None, False),
    ],
)
def test_reply_topic(wanted: str | None, given_back: bool) -> None:  # noqa: FBT001
    """An answer goes to a reply topic of this gym and to no other place that a sender names."""
    incoming = Incoming(topic="t", payload=b"", retained=False, reply_to=wanted)
    assert reply_topic(incoming, "sledguard/v1/g") == (wanted if given_back else None)
