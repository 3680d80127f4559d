"""What is published is read back whole; what is damaged is refused and kills nobody."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
from example_events import ALERT, EVERY, REP
from hypothesis import given
from hypothesis import strategies as st
from published import ORIGIN, PLACE, box_online, changed, messages

from edge.events import Alert, AnyEvent, MachineState, Notice, SensorState, Sign
from edge.history import received
from edge.history.received import FromBox, FromMachine, Unreadable, read, utc_of
from edge.publishers import messages as published_as


def test_the_topics_begin_as_the_publisher_has_them() -> None:
    """Reader and publisher agree on the root."""
    assert received.ROOT == published_as.ROOT
    assert published_as.EVENT_ROUTE.suffix == received.DURABLE_SUFFIX


@pytest.mark.parametrize("event", EVERY, ids=lambda event: type(event).__name__)
def test_every_event_comes_back_as_it_was(event: AnyEvent) -> None:
    """Through envelope and JSON, on the live topic and on the durable one."""
    for topic, payload in messages(event):
        message = read(topic, payload, retained=False)
        assert isinstance(message, FromMachine)
        assert message.place == PLACE
        assert message.envelope.boot == ORIGIN.boot
        assert message.event == event
        assert message.durable == topic.endswith("/event")


def test_durable_copies_are_known_by_their_type() -> None:
    """Alerts, signs, notices, sensors and sessions are what the history topic carries."""
    assert {Alert, Sign, Notice, SensorState, MachineState} == set(received.DURABLE.values())


def test_a_box_tells_its_status() -> None:
    """Status and health of a box are read; other topics of a box say nothing to us."""
    topic, payload = box_online()
    message = read(topic, payload, retained=True)
    assert isinstance(message, FromBox)
    assert message.status == "online"
    assert read(topic.replace("status", "replay"), payload, retained=False) is None


def test_times_in_a_body_have_their_utc() -> None:
    """The UTC of a time in the body is the message's, moved by the difference of the two."""
    message = read(*messages(REP)[0], retained=False)
    assert isinstance(message, FromMachine)
    assert (message.envelope.ts - utc_of(message, REP.start_s)).total_seconds() == pytest.approx(REP.t_s - REP.start_s)
    with pytest.raises(Unreadable):
        utc_of(message, float("inf"))


def test_foreign_topics_are_none_of_ours() -> None:
    """Other roots, other versions and short topics are passed over."""
    for topic in ("", "homeassistant/status", "sledguard/v2/g/machine/m/rep", "sledguard/v1/g/machine", "a/b/c/d/e/f"):
        assert read(topic, b"{}", retained=False) is None


def test_names_that_may_not_stand_in_a_topic_are_none_of_ours() -> None:
    """Markup, control characters, spaces and names without end never get as far as a page or a terminal."""
    payload = messages(ALERT)[0][1]
    for name in ("<script>", "\x1b[2J", "a b", "A", "", "x" * 65, "é"):
        assert read(f"sledguard/v1/{name}/machine/press-1/alert", payload, retained=False) is None
        assert read(f"sledguard/v1/gym/machine/{name}/alert", payload, retained=False) is None


def test_ids_without_end_are_refused() -> None:
    """An id is a key in tables and tickets: 64 characters are enough for all that we make."""
    topic, payload = messages(ALERT)[0]
    for field in ("session", "id", "boot", "box"):
        with pytest.raises(Unreadable):
            read(topic, changed(payload, **{field: "x" * 65}), retained=False)


def test_what_is_too_long_or_damaged_is_refused_with_its_reason() -> None:
    """A megabyte, half a message, a wrong type: Unreadable, never anything else."""
    topic, payload = messages(ALERT)[0]
    for bad in (
        b"x" * 1_000_000,
        payload[:-9],
        b"[]",
        b"\xff\xfe",
        changed(payload, value="high"),
        b'{"type":"alert"}',
    ):
        with pytest.raises(Unreadable):
            read(topic, bad, retained=False)


@given(payload=st.binary(max_size=300), suffix=st.sampled_from(["rep", "event", "alert", "state", "live"]))
def test_any_bytes_are_survived(payload: bytes, suffix: str) -> None:
    """Whatever arrives is read, passed over or refused."""
    with contextlib.suppress(Unreadable):
        read(f"{PLACE.topic}/{suffix}", payload, retained=False)


@given(
    body=st.dictionaries(
        st.sampled_from(["type", "t_s", "session", "event", "alert", "set", "id", "ts", "box", "boot"]),
        st.one_of(st.none(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=2)),
    )
)
def test_any_object_on_the_durable_topic_is_survived(body: dict[str, object]) -> None:
    """The right keys with wrong values are refused, not believed."""
    with contextlib.suppress(Unreadable):
        read(f"{PLACE.topic}/event", msgspec.json.encode(body), retained=False)
