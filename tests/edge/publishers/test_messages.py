"""The table from events to topics, and what each message says."""

from __future__ import annotations

import msgspec
import pytest
from example_events import ACTIVE, ALERT, EVERY, LIVE, NOTICE, REP, SENSOR, SET, STATE

from edge.errors import SledguardError
from edge.events import AnyEvent
from edge.publishers.messages import LEVEL_PATTERN, BoxMessages, Lane, MachineMessages, topic_level

M = "sledguard/v1/gym-1/machine/press_2"


def of(event: AnyEvent) -> list[tuple[str, str]]:
    """(topic under the machine, type) of every message of an event said first."""
    return [(m.topic.removeprefix(M + "/"), m.body["type"]) for m in MachineMessages("gym-1", "press_2").of(event)]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (REP, [("rep", "rep")]),
        (SET, [("set", "set")]),
        (ALERT, [("alert", "alert"), ("event", "event")]),
        (ACTIVE, [("alert/active", "alert_active")]),
        (STATE, [("state", "state"), ("event", "event")]),
        (SENSOR, [("sensor/left_shank/state", "sensor"), ("event", "event")]),
        (NOTICE, [("event", "event")]),
        (LIVE, [("live", "live")]),
    ],
)
def test_topics_of_each_event(event: AnyEvent, expected: list[tuple[str, str]]) -> None:
    """Every event goes to its topic, and what belongs in the history to {m}/event besides."""
    assert of(event) == expected


@pytest.mark.parametrize(
    ("event", "promise"),
    [
        (REP, (1, False, None, Lane.OUTBOX)),
        (SET, (1, True, None, Lane.OUTBOX)),
        (ALERT, (1, False, 5, Lane.ALERT)),
        (ACTIVE, (1, True, None, Lane.LEVEL)),
        (STATE, (1, True, None, Lane.LEVEL)),
        (SENSOR, (1, True, None, Lane.LEVEL)),
        (NOTICE, (1, False, None, Lane.OUTBOX)),
        (LIVE, (0, False, 1, Lane.STREAM)),
    ],
)
def test_promise_of_each_topic(event: AnyEvent, promise: tuple[int, bool, int | None, Lane]) -> None:
    """QoS, retain, expiry and lane are those of the contract."""
    route = MachineMessages("gym-1", "press_2").of(event)[0].route
    assert (route.qos, route.retain, route.expiry_s, route.lane) == promise


def test_body_is_the_event() -> None:
    """The body has every field of the event, plain JSON values, nothing else."""
    body = MachineMessages("g", "m").of(ALERT)[0].body
    assert body == {
        "type": "alert", "t_s": 61.25, "session": "s-7f3a", "set": 1, "rep": 3, "kind": "heel_lift", "side": "left",
        "severity": "S2", "phase": "concentric", "onset_s": 61.13, "value": 0.08, "threshold": 0.25, "unit": "share",
        "confidence": 0.9, "sensors": ["footplate"], "sample_s": 61.21, "arrival_s": 61.24, "cue": "left heel down",
        "spoken": True, "buzzer": [], "buzzed_s": None,
    }  # fmt: skip


def test_numbers_have_no_digits_that_only_arithmetic_made() -> None:
    """Times stand to the µs, everywhere in the body."""
    noisy = msgspec.structs.replace(ALERT, t_s=61.250000000000007, value=0.1 + 0.2)
    live, copy = MachineMessages("g", "m").of(noisy)
    assert (live.body["t_s"], live.body["value"]) == (61.25, 0.3)
    assert (copy.body["t_s"], copy.body["alert"]["value"]) == (61.25, 0.3)


def test_durable_copy_holds_the_alert_under_its_own_name() -> None:
    """The copy for history has type event, and no dict of type alert anywhere inside."""
    copy = MachineMessages("g", "m").of(ALERT)[1].body
    assert (copy["type"], copy["event"], copy["t_s"], copy["session"]) == ("event", "alert", 61.25, "s-7f3a")
    assert copy["alert"]["kind"] == "heel_lift"
    assert "type" not in copy["alert"]


def test_unknown_values_stay_null() -> None:
    """What is not known is null in JSON, never 0."""
    body = MachineMessages("g", "m").of(LIVE)[0].body
    assert msgspec.json.decode(msgspec.json.encode(body))["posterior_tilt_deg"] is None


def test_sensor_goes_to_history_only_when_it_changed() -> None:
    """A new rate is no history; a lost link is; so is its return."""
    messages = MachineMessages("g", "m")
    counts = [
        len(messages.of(state))
        for state in (
            SENSOR,
            msgspec.structs.replace(SENSOR, rate_hz=99.0, battery_pct=80),
            msgspec.structs.replace(SENSOR, role="pelvis"),
            msgspec.structs.replace(SENSOR, connected=False),
            SENSOR,
        )
    ]
    assert counts == [2, 1, 2, 2, 2]


def test_session_goes_to_history_only_when_it_changed() -> None:
    """Each session's begin and end is kept; the states between are not."""
    messages = MachineMessages("g", "m")
    sessions = ["a", "a", "b", None, None]
    states = [msgspec.structs.replace(STATE, session=session, rep=i) for i, session in enumerate(sessions)]
    assert [len(messages.of(state)) for state in states] == [2, 1, 2, 2, 1]


def test_every_topic_level_is_plain() -> None:
    """Only a-z, 0-9, _ and - stand in the levels of every topic."""
    messages = MachineMessages("gym-1", "press_2")
    topics = [m.topic for event in EVERY for m in messages.of(event)]
    topics += [
        BoxMessages("gym-1", "box-1").status("online", 0, None).topic,
        BoxMessages("gym-1", "box-1").health({}).topic,
    ]
    assert all(LEVEL_PATTERN.match(level) for topic in topics for level in topic.split("/"))


@pytest.mark.parametrize("name", ["", "Gym", "a b", "a/b", "a+", "#", "a\n", "é", "a.b"])
def test_names_that_cannot_stand_in_a_topic(name: str) -> None:
    """A name that a broker or shell would read otherwise is refused."""
    with pytest.raises(SledguardError, match="MQTT topic"):
        topic_level(name)


def test_box_status_and_health() -> None:
    """The box says its state retained, and its health with an expiry."""
    box = BoxMessages("g", "b")
    status, health = box.status("stopping", 12, "9f3c"), box.health({"uptime_s": 3})
    assert status.topic == "sledguard/v1/g/box/b/status"
    assert status.body == {"type": "status", "status": "stopping", "newest_seq": 12, "outbox_id": "9f3c"}
    assert (status.route.qos, status.route.retain) == (1, True)
    assert health.topic == "sledguard/v1/g/box/b/health"
    assert health.body == {"type": "health", "uptime_s": 3}
    assert (health.route.retain, health.route.expiry_s) == (True, 120)


def test_a_session_event_names_its_session() -> None:
    """The state that a session began with stands beside the session's id, not in its place."""
    copy = MachineMessages("g", "m").of(STATE)[-1].body
    assert (copy["event"], copy["session"]) == ("session", STATE.session)
    assert copy["state"]["state"] == STATE.state
