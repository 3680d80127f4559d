"""Timelines of readings as a lifter's reps give them, and what the detectors said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from edge.detectors.base import Detection, Reading
from edge.events import Phase
from edge.motion.gate import Gate

STEP_S = 0.01
AT_TOP = Gate("top", 1, 3, 3, judged=True, since_top_s=0.2)


def gate(phase: Phase, attempt: int = 3, since_top_s: float = 0.0, *, judged: bool = True) -> Gate:
    """The machine in a phase of an attempt of set 1."""
    return Gate(phase, 1, attempt, attempt, judged=judged, since_top_s=since_top_s)


def reading(step: int, value: float, rate: float = 0.0, sd: float = 1.0) -> Reading:
    """The reading of grid instant `step`, which reached the host 40 ms later."""
    return Reading(step * STEP_S, step * STEP_S + 0.04, value, rate, sd)


def told(judge: Callable[[int, float], Detection | None], values: Iterable[float]) -> list[int]:
    """The grid instants at which a detection came out of a run of values."""
    return [step for step, value in enumerate(values) if judge(step, value) is not None]
