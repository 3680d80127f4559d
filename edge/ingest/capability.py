"""What a bought sensor may serve: which faults it can alert on, which figures it can feed, and why not the others.

Silence of a detector must never mean good form, so a sensor that is too slow, too late or too coarse for a fault is
refused for that fault, and the fault is published as not assessed with the reason given here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from edge.events import Kind

Use: TypeAlias = Kind | Literal["reps", "velocity", "load"]

MIN_IMU_HZ: Final = 50.0  # lockout must hold 80 ms: 4 samples of it; orientation at 47 Hz costs 1.4° instead of 0.7°
MIN_LOAD_HZ: Final = 40.0  # a heel lift must hold 120 ms: 4 samples of it
RATE_TOLERANCE: Final = 0.05  # oscillators are off by some per cent, and 52 Hz counted over a second may be 50
MAX_DELAY_MS: Final = 100.0  # an alert is wanted 150 ms after the onset; the hold takes the rest
IMU_USES: Final[frozenset[Use]] = frozenset(("lockout", "valgus", "lumbar", "reps", "velocity"))
LOAD_CELL_USES: Final[frozenset[Use]] = frozenset(("heel_lift", "lumbar", "load"))
ALERTS: Final[frozenset[Use]] = frozenset(("lockout", "valgus", "heel_lift", "lumbar"))


@dataclass(frozen=True, slots=True)
class Capability:
    """Facts of one kind of sensor.

    clock: device, its own time with every packet; regressed, inferred from arrivals. counter: whether loss is known
    rather than inferred. checksum: whether a damaged frame is seen above the link. delay_ms: the age of a packet's
    oldest sample when it is sent. serves: all that it may feed when it keeps its rate. limits: one line for people.
    """

    kind: Literal["imu", "load"]
    rate_hz: float
    max_rate_hz: float
    clock: Literal["device", "regressed"]
    counter: bool
    checksum: bool
    delay_ms: float
    serves: frozenset[Use]
    limits: str


def refusal(
    capability: Capability, use: Use, rate_hz: float | None = None, delay_ms: float | None = None
) -> str | None:
    """Why this sensor may not serve `use`, in words for the lifter; None: it may.

    rate_hz, delay_ms: as measured by now; None: not measured yet, then what this kind of sensor does counts.
    """
    if use not in capability.serves:
        return f"this kind of sensor cannot serve {use}"
    if use not in ALERTS:
        return None
    least_hz = MIN_IMU_HZ if capability.kind == "imu" else MIN_LOAD_HZ
    actual_hz = capability.rate_hz if rate_hz is None else rate_hz
    if actual_hz < least_hz * (1 - RATE_TOLERANCE):
        return f"sensor too slow: {actual_hz:.0f} samples/s, {use} needs {least_hz:.0f}"
    actual_ms = capability.delay_ms if delay_ms is None else delay_ms
    if actual_ms > MAX_DELAY_MS:
        return f"sensor too late: it gathers {actual_ms:.0f} ms of samples, {use} allows {MAX_DELAY_MS:.0f}"
    return None
