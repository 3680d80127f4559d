"""What a node tells by an EVENT reaches those who must know: a strap taken off, the safety lock; a button nobody."""

from __future__ import annotations

import pytest
from ingest.native_fake import ACC, GYR, MS, FakeNode

from edge.events import AnyEvent, MachineState, Notice, SensorState
from edge.machine import MachineSettings
from edge.pipeline import Pipeline
from edge.settings import LinkPlan
from firmware_protocol.messages import Channel, Event
from firmware_protocol.registries import EventKind, Placement

PLACES = (Placement.SLED, Placement.LEFT_THIGH, Placement.LEFT_SHANK)
SHANK_CHAN = 3


class Bench:
    """A pipeline with one node on a bare link: the sled, a left thigh and a left shank."""

    def __init__(self) -> None:
        self.node = FakeNode(*(Channel(k + 1, 1, place, 0, 10_000_000, ACC, GYR) for k, place in enumerate(PLACES)))
        self.pipeline = Pipeline(MachineSettings())
        self.pipeline.open_link("node", LinkPlan(kind="native"))
        self.pipeline.receive("node", 0, self.node.info())
        self.t_ms = 0
        self.run()

    def run(self) -> list[AnyEvent]:
        """What is told in a second of samples."""
        events: list[AnyEvent] = []
        for _ in range(25):
            self.t_ms += 40
            for chan in (1, 2, 3):
                self.pipeline.receive("node", self.t_ms * MS, self.node.imu(self.t_ms * 1000 - 30_000, chan=chan))
            events += self.pipeline.advance(self.t_ms * MS)[0]
        return events

    def told(self, kind: EventKind, arg: int = 0) -> list[AnyEvent]:
        """What is told in the second after an EVENT of the node."""
        self.pipeline.receive("node", self.t_ms * MS, self.node.say(Event(self.t_ms * 1000, kind, arg)))
        return self.run()


def _notices(events: list[AnyEvent]) -> list[tuple[str, str | None]]:
    return [(event.what, event.role) for event in events if isinstance(event, Notice)]


def test_a_sensor_taken_off_is_not_assessed() -> None:
    """Its strap off, a sensor says so in its state, and no verdict that needs it is given."""
    events = Bench().told(EventKind.STRAP_OFF, SHANK_CHAN)
    assert _notices(events) == [("strap_off", "left_shank")]
    problems = {event.role: event.problem for event in events if isinstance(event, SensorState)}
    assert problems == {"left_shank": "taken off: strap it on and stand still for 2 s"}
    state = [event for event in events if isinstance(event, MachineState)][-1]
    assert state.not_assessed["lockout_left"].startswith("left shank sensor taken off")
    assert state.not_assessed["lockout_right"] == "no right thigh sensor"


def test_a_node_that_does_not_say_which_means_all_that_is_worn() -> None:
    """Without a channel, every worn sensor of the node is off; the sled's is not worn."""
    events = Bench().told(EventKind.STRAP_OFF)
    off = {event.role for event in events if isinstance(event, SensorState) and event.problem}
    assert off == {"left_thigh", "left_shank"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (EventKind.LOCK_CLOSED, "the machine's safety lock closed"),
        (EventKind.LOCK_OPEN, "the machine's safety lock opened"),
        (EventKind.OVERLOAD, "more load than a cell may take"),
    ],
)
def test_lock_and_overload_are_told(kind: EventKind, words: str) -> None:
    """What concerns the machine is a notice that names the node."""
    (notice,) = [event for event in Bench().told(kind) if isinstance(event, Notice)]
    assert notice.text.startswith("node a1b2c3d4e5f60718: " + words)


@pytest.mark.parametrize("kind", [EventKind.BUTTON, EventKind.TAP])
def test_a_button_concerns_nobody(kind: EventKind) -> None:
    """A button or a tap changes nothing."""
    assert _notices(Bench().told(kind, 1)) == []
