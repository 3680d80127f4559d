"""Checks of the node's clock: its answers to TIME_REQ, its drift, and that it never runs back."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.node_test.dialog import Dialog, Heard
from edge.node_test.findings import Finding, Findings, Verdict
from firmware_protocol.messages import TimeReq, TimeRsp

SECTION = "5"
PERIOD_NS = 500_000_000
HOLD_MAX_US = 50_000
ANSWERED_MIN = 0.95
QUARTZ_PPM, OSCILLATOR_PPM = 100.0, 500.0
"""A quartz and a host together stay within 100 ppm; beyond 500 it is an RC oscillator, and its times need watching."""

HOST_SLACK_US = 500.0
"""Bounds hold whatever a host delays; this is for clocks that are read in whole µs and ms."""

SPREAD_PPM = 60.0
"""A drift that is known worse than this says little beside the 100 ppm that are allowed."""

_SLOPES = np.arange(-6000, 6001, 4) * 1e-6
"""Drifts that are tried: beyond half a percent no oscillator runs."""

EXCHANGES_MIN = 5


Exchanges: TypeAlias = NDArray[np.int64]
"""(N, 4) asked at (host ns), read (device µs), held (µs), heard at (host ns)."""


@dataclass(slots=True)
class ClockProbe:
    """Asks the time each half second at a random phase, and keeps what was answered."""

    random: Random
    next_ns: int = 0
    token: int = 0x5000
    sent_ns: dict[int, int] = field(default_factory=dict)
    exchanges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def step(self, dialog: Dialog) -> None:
        """Asks, when it is due."""
        if dialog.now_ns < self.next_ns:
            return
        self.next_ns = dialog.now_ns + PERIOD_NS + self.random.randrange(60_000_000)
        self.token = (self.token + 1) & 0xFFFF
        self.sent_ns[self.token] = dialog.now_ns
        dialog.say(TimeReq(self.token))

    def hear(self, heard: Heard) -> None:
        """Takes any message."""
        if isinstance(heard.payload, TimeRsp) and heard.payload.token in self.sent_ns:
            p = heard.payload
            self.exchanges.append((self.sent_ns[p.token], p.rx_us, p.hold_us, heard.t_ns))


def check_clock(probe: ClockProbe, findings: Findings, *, claims: bool) -> None:
    """All checks of the exchanges. claims: whether INFO says that the node answers TIME_REQ."""
    if not probe.exchanges:
        verdict: Verdict = "FAIL" if claims else "WARN"
        text = "does not answer TIME_REQ" + ("" if claims else ": its clock is known only to a connection interval")
        findings.add(Finding("time", SECTION, verdict, text))
        return
    exchanges = np.array(probe.exchanges, dtype=np.int64)
    _check_answers(min(1.0, len(exchanges) / max(1, len(probe.sent_ns) - 1)), exchanges[:, 2], findings)
    if (np.diff(exchanges[:, 1]) <= 0).any():
        findings.add(Finding("clock", SECTION, "FAIL", "the device clock runs backwards"))
    elif len(exchanges) >= EXCHANGES_MIN:
        _check_drift(exchanges, findings)


def _check_answers(answered: float, hold_us: Exchanges, findings: Findings) -> None:
    longest_us = int(hold_us.max())
    values: dict[str, float | int | str] = {"answered_pct": round(100 * answered, 1), "hold_max_us": longest_us}
    if answered < ANSWERED_MIN:
        text = f"answers only {100 * answered:.0f} % of TIME_REQ"
        findings.add(Finding("time", SECTION, "FAIL", text, values))
    elif longest_us >= HOLD_MAX_US:
        text = f"holds TIME_RSP for up to {longest_us / 1000:.0f} ms, 50 ms are allowed"
        findings.add(Finding("time", SECTION, "FAIL", text, values))
    else:
        findings.add(Finding("time", SECTION, "PASS", "answers TIME_REQ at once", values))


def _check_drift(exchanges: Exchanges, findings: Findings) -> None:
    """Which drifts let all bounds hold at once; where none does, an answer was not true."""
    sent_us, rx_us, hold_us, received_us = exchanges.T.astype(np.float64) * [[1e-3], [1], [1], [1e-3]]
    device_us = rx_us - rx_us[0]
    floors, ceilings = sent_us - device_us, received_us - device_us - hold_us
    excess_us = np.array([(floors - s * device_us).max() - (ceilings - s * device_us).min() for s in _SLOPES])
    possible = _SLOPES[excess_us <= HOST_SLACK_US] * 1e6
    values: dict[str, float | int | str] = {
        "exchanges": len(exchanges),
        "bounds_us": round(float((ceilings - floors).min()), 1),
    }
    if not possible.size:
        text = f"answers contradict each other by {excess_us.min() / 1000:.1f} ms: are rx_us and hold_us right?"
        findings.add(Finding("clock", SECTION, "FAIL", text, values))
        return
    ppm, spread = float(possible.mean()), float(np.ptp(possible)) / 2
    values |= {"drift_ppm": round(ppm, 1), "drift_spread_ppm": round(spread, 1)}
    if spread > SPREAD_PPM:
        findings.add(Finding("clock", SECTION, "PASS", "the clock runs forward; too short a run for its drift", values))
        return
    size = max(0.0, abs(ppm) - spread)  # what is sure
    verdict: Verdict = "PASS" if size <= QUARTZ_PPM else "WARN" if size <= OSCILLATOR_PPM else "FAIL"
    findings.add(Finding("clock", SECTION, verdict, f"drifts {ppm:+.0f} ± {spread:.0f} ppm against this host", values))
