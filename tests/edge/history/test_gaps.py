"""The historian's word with the boxes: what it asks for, what it confirms, and what it takes of a replay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from example_events import REP
from published import messages

from edge.clock import Instant
from edge.history import gaps
from edge.history.gaps import Gaps, number_of
from edge.history.historian import Historian
from edge.history.numbers import ASK_AFTER_S
from edge.history.queries import Queries
from edge.history.store import Store, sqlite_url
from edge.history.subscription import Arrival

BOX = "sledguard/v1/gym/box/box"


def arrival(topic: str, body: object) -> Arrival:
    payload = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Arrival(topic, payload, retained=False, done=lambda: None)


def rep(seq: int) -> tuple[str, dict[str, Any]]:
    """A rep of the box with this number."""
    topic, payload = messages(msgspec.structs.replace(REP, rep=seq, start_s=60.0 + 5 * seq, t_s=64.0 + 5 * seq))[0]
    return topic, msgspec.json.decode(payload) | {"seq": seq, "id": f"id-{seq}"}


class Sent:
    """What was said to boxes, as topic's end and body."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, topic: str, payload: bytes) -> None:
        assert topic.startswith(f"{BOX}/")
        self.said.append((topic.removeprefix(f"{BOX}/"), msgspec.json.decode(payload)))


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock, s."""

    def set_to(t_s: float) -> None:
        monkeypatch.setattr(gaps, "read_clock", lambda: Instant(round(t_s * 1e9), 10**18, synced=True))

    return set_to


def asked(at: Callable[[float], None], seqs: tuple[int, ...]) -> tuple[Gaps, Sent]:
    """Of these numbers the holes have been asked for."""
    sent = Sent()
    one = Gaps({}, sent)
    for seq in seqs:
        one.numbers.add(("gym", "box"), seq)
    for t_s in (100.0, 100.0 + ASK_AFTER_S):
        at(t_s)
        one.ask()
    return one, sent


def test_a_hole_is_asked_for_as_the_contract_says(at: Callable[[float], None]) -> None:
    """cmd/replay names the numbers, with an id and the time."""
    _, sent = asked(at, (1, 4))
    ((topic, body),) = sent.said
    assert topic == "cmd/replay"
    assert (body["from_seq"], body["to_seq"]) == (2, 3)
    assert body["ts"].endswith("+00:00")
    assert body["id"]


def test_what_a_replay_did_not_bring_is_given_up(at: Callable[[float], None]) -> None:
    """After the box's answer the rest of the hole counts as gone; a refusal and a stranger's answer change nothing."""
    one, sent = asked(at, (1, 4))
    answer = {"command_id": sent.said[0][1]["id"], "ok": True}
    one.take(arrival(f"{BOX}/cmd/replay/result", answer | {"command_id": "other"}))
    one.numbers.add(("gym", "box"), 2)
    assert one.numbers.boxes["gym", "box"].hole() == (3, 3)
    one.take(arrival(f"{BOX}/cmd/replay/result", answer))
    assert one.numbers.boxes["gym", "box"].hole() is None


def test_a_refused_replay_is_asked_for_again(at: Callable[[float], None]) -> None:
    """A box that is busy answers so, and the hole stays."""
    one, sent = asked(at, (1, 4))
    one.take(arrival(f"{BOX}/cmd/replay/result", {"command_id": sent.said[0][1]["id"], "ok": False}))
    assert one.numbers.boxes["gym", "box"].hole() == (2, 3)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"newest_seq": "many"}', b'{"outbox": 7}'])
def test_a_damaged_word_of_a_box_says_nothing(body: bytes) -> None:
    """It is neither kept nor believed."""
    one = Gaps({}, Sent())
    for suffix in ("status", "health", "replay", "cmd/replay/result"):
        assert one.take(arrival(f"{BOX}/{suffix}", body)) is None
    assert one.numbers.boxes == {}


@pytest.mark.parametrize(
    ("suffix", "body", "number"),
    [
        ("rep", {"box": "box", "seq": 7}, (("gym", "box"), 7)),
        ("event", {"box": "box", "seq": 7}, (("gym", "box"), 7)),
        ("rep", {"box": "box", "seq": None}, None),
        ("rep", {"box": 3, "seq": 7}, None),
        ("live", {"box": "box", "seq": 7}, None),
    ],
)
def test_numbers_are_of_the_outbox(suffix: str, body: dict[str, Any], number: object) -> None:
    """Whether or not the message itself is kept, its number has arrived."""
    assert number_of(arrival(f"sledguard/v1/gym/machine/m/{suffix}", body)) == number


def test_a_replayed_message_is_kept_and_confirmed_and_known_at_the_next_start(tmp_path: Path) -> None:
    """Out of its wrapping it is the rep that was sent; what is complete is confirmed, and not asked for again."""
    store, sent = Store(sqlite_url(tmp_path / "history.sqlite")), Sent()
    historian = Historian(store, send=sent)
    historian.start()
    for seq in (1, 3):
        historian.put(arrival(*rep(seq)))
    topic, message = rep(2)
    historian.put(arrival(f"{BOX}/replay", {"topic": topic, "message": message}))
    historian.put(arrival(f"{BOX}/status", {"newest_seq": 3}))
    historian.stop()
    assert sum(row.reps for row in Queries(store).sessions()) == 3
    assert sent.said[-1] == ("confirm", {"upto_seq": 3})
    assert store.complete() == {("gym", "box"): 3}
    assert Historian(store)._gaps.numbers.asks(1e9) == []
