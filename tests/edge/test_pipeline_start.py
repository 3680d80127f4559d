"""What a pipeline says before it has seen anything."""

from __future__ import annotations

from edge.events import VERDICTS, MachineState, verdict_key
from edge.machine import MachineSettings
from edge.pipeline import Pipeline


def test_nothing_is_assessed_before_a_sensor_speaks() -> None:
    """The very first state names every verdict as not assessed: not seen is not fine, from the first moment on."""
    pipeline = Pipeline(MachineSettings())
    pipeline.advance(0)
    states = [event for event in pipeline.advance(30_000_000)[0] if isinstance(event, MachineState)]
    assert states
    for state in states:
        assert state.assessed == ()
        assert set(state.not_assessed) == {verdict_key(*verdict) for verdict in VERDICTS}


def test_what_is_told_late_is_put_in_its_place() -> None:
    """A battery that was read before the newest bytes came waits before them, as everything else does."""
    pipeline = Pipeline(MachineSettings())
    pipeline.receive("hub", 20_000_000, b"")
    pipeline.battery("pod", 10_000_000, 80)
    pipeline.receive("hub", 15_000_000, b"")
    assert [arrival[0] for arrival in pipeline._arrivals] == [10_000_000, 15_000_000, 20_000_000]
