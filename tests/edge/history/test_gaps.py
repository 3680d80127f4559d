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
from edge.history.numbers import ANSWER_WITHIN_S, ASK_AFTER_S, ASK_AGAIN_S
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
    one.settle()
    one.numbers.add(("gym", "box"), 2)
    assert one.numbers.boxes["gym", "box"].hole() == (3, 3)
    one.take(arrival(f"{BOX}/cmd/replay/result", answer))
    one.settle()
    assert one.numbers.boxes["gym", "box"].hole() is None


def test_a_refused_replay_is_asked_for_again(at: Callable[[float], None]) -> None:
    """A box that is busy answers so: the hole stays, and is asked for after a while."""
    one, sent = asked(at, (1, 4))
    one.take(arrival(f"{BOX}/cmd/replay/result", {"command_id": sent.said[0][1]["id"], "ok": False}))
    one.settle()
    assert one.numbers.boxes["gym", "box"].hole() == (2, 3)
    for t_s in (102.0 + ASK_AGAIN_S - 0.01, 102.0 + ASK_AGAIN_S):
        assert len(sent.said) == 1
        at(t_s)
        one.ask()
    assert len(sent.said) == 2


@pytest.mark.parametrize(("waited_s", "times"), [(ANSWER_WITHIN_S - 0.01, 1), (ANSWER_WITHIN_S, 2)])
def test_what_is_on_its_way_is_not_asked_for_again(at: Callable[[float], None], waited_s: float, times: int) -> None:
    """Until the answer comes, or its time is up."""
    one, sent = asked(at, (1, 4))
    at(102.0 + waited_s)
    one.ask()
    assert len(sent.said) == times


def test_the_next_hole_is_asked_for_when_the_answer_is_there(at: Callable[[float], None]) -> None:
    """At once, and it alone."""
    one, sent = asked(at, (1, 4, 6))
    for seq in (2, 3):
        one.take(arrival(*rep(seq)))
    one.take(arrival(f"{BOX}/cmd/replay/result", {"command_id": sent.said[0][1]["id"], "ok": True}))
    one.settle()
    one.ask()
    assert [(body["from_seq"], body["to_seq"]) for _, body in sent.said] == [(2, 3), (5, 5)]


def test_a_box_that_comes_back_is_asked_again_soon(at: Callable[[float], None]) -> None:
    """What it was asked before it went may be lost."""
    one, sent = asked(at, (1, 4))
    one.take(arrival(f"{BOX}/status", {"status": "online", "newest_seq": 4, "outbox_id": "a"}))
    one.settle()
    at(102.0 + ASK_AGAIN_S)
    one.ask()
    assert len(sent.said) == 2


def test_another_outbox_begins_its_numbers_anew(at: Callable[[float], None]) -> None:
    """What the new file has is asked for from its first number on, whatever the old one had come to."""
    sent = Sent()
    one = Gaps({("gym", "box"): (50, "a")}, sent)
    one.take(arrival(f"{BOX}/status", {"status": "online", "newest_seq": 50, "outbox_id": "a"}))
    one.settle()
    assert one.numbers.boxes["gym", "box"].upto == 50
    one.take(arrival(f"{BOX}/health", {"outbox": {"newest_seq": 3, "id": "b"}}))
    one.take(arrival(*rep(2)))
    one.settle()
    for t_s in (100.0, 100.0 + ASK_AFTER_S):
        at(t_s)
        one.ask()
    assert [(body["from_seq"], body["to_seq"]) for _, body in sent.said] == [(1, 1)]


@pytest.mark.parametrize(("newest", "upto"), [(50, 50), (49, 0)])
def test_an_outbox_that_says_its_id_for_the_first_time(newest: int, upto: int) -> None:
    """Is the one that is known, unless it is behind what was kept."""
    one = Gaps({("gym", "box"): (50, None)}, Sent())
    one.take(arrival(f"{BOX}/status", {"status": "online", "newest_seq": newest, "outbox_id": "a"}))
    one.settle()
    assert one.numbers.boxes["gym", "box"].upto == upto


def test_a_late_answer_says_nothing_of_another_outbox(at: Callable[[float], None]) -> None:
    """What the old file had no more is not lost in the new one."""
    one, sent = asked(at, (1, 4))
    for outbox in ("a", "b"):
        one.take(arrival(f"{BOX}/status", {"status": "online", "newest_seq": 4, "outbox_id": outbox}))
    one.take(arrival(f"{BOX}/cmd/replay/result", {"command_id": sent.said[0][1]["id"], "ok": True}))
    one.settle()
    assert one.numbers.boxes["gym", "box"].hole() == (1, 4)


def test_a_box_that_keeps_nothing_is_asked_for_nothing(at: Callable[[float], None]) -> None:
    """Its numbers begin anew with every start, and a hole stays a hole."""
    sent = Sent()
    one = Gaps({}, sent, confirms=True)
    one.take(arrival(f"{BOX}/status", {"status": "online", "newest_seq": 9, "outbox_id": None}))
    for seq in (1, 4):
        one.take(arrival(*rep(seq)))
    one.settle()
    for t_s in (100.0, 1000.0):
        at(t_s)
        one.ask()
    one.confirm(lambda _box, _upto, _outbox: None)
    assert sent.said == []


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"newest_seq": "many"}', b'{"outbox": 7}'])
def test_a_damaged_word_of_a_box_says_nothing(body: bytes) -> None:
    """It is neither kept nor believed."""
    one = Gaps({}, Sent())
    for suffix in ("status", "health", "replay", "cmd/replay/result"):
        assert one.take(arrival(f"{BOX}/{suffix}", body)) is None
    one.settle()
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
    historian = Historian(store, send=sent, confirms=True)
    historian.start()
    for seq in (1, 3):
        historian.put(arrival(*rep(seq)))
    topic, message = rep(2)
    historian.put(arrival(f"{BOX}/replay", {"topic": topic, "message": message}))
    historian.put(arrival(f"{BOX}/status", {"newest_seq": 3, "outbox_id": "a"}))
    historian.stop()
    assert sum(row.reps for row in Queries(store).sessions()) == 3
    assert sent.said[-1] == ("confirm", {"upto_seq": 3})
    assert store.complete() == {("gym", "box"): (3, "a")}
    assert Historian(store)._gaps.numbers.asks(1e9) == []


def test_only_the_historian_that_counts_confirms(tmp_path: Path) -> None:
    """Another one knows what it has, and tells no box to forget it."""
    store, sent = Store(sqlite_url(tmp_path / "history.sqlite")), Sent()
    historian = Historian(store, send=sent)
    historian.start()
    historian.put(arrival(*rep(1)))
    historian.stop()
    assert store.complete() == {("gym", "box"): (1, None)}
    assert sent.said == []


def test_an_answer_counts_after_what_came_before_it(
    tmp_path: Path, at: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    """What a replay brought in the same batch as its answer is there, and nothing is said to be gone."""
    store, sent = Store(sqlite_url(tmp_path / "history.sqlite")), Sent()
    historian = Historian(store, send=sent)
    for seq in (1, 5):
        historian._gaps.numbers.add(("gym", "box"), seq)
    for t_s in (100.0, 100.0 + ASK_AFTER_S):
        at(t_s)
        historian._gaps.ask()
    for seq in (2, 3, 4):
        topic, message = rep(seq)
        historian.put(arrival(f"{BOX}/replay", {"topic": topic, "message": message}))
    historian.put(arrival(f"{BOX}/cmd/replay/result", {"command_id": sent.said[0][1]["id"], "ok": True}))
    historian.start()
    historian.stop()
    assert historian._gaps.numbers.boxes["gym", "box"].upto == 5
    assert "no more" not in caplog.text
