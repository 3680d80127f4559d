"""Checks of the node's clock: its answers to TIME_REQ, its drift, and that it never runs back."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import numpy as np

from edge.node_test.dialog import Dialog, Heard
from edge.node_test.findings import Finding, Findings, Verdict
from firmware_protocol.messages import TimeReq, TimeRsp

SECTION = "5"
PERIOD_NS = 500_000_000
HOLD_MAX_US = 50_000
ANSWERED_MIN = 0.95
QUARTZ_PPM, OSCILLATOR_PPM = 100.0, 500.0
"""A quartz and a host together stay within 100 ppm; beyond 500 it is an RC oscillator, and its times need watching."""

CONTRADICTION_US = 2000.0
"""What a host's own delays in reading and writing may add to a bound."""

DRIFT_SPAN_S = 20.0
EXCHANGES_MIN = 5


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


def _check_answers(
    answered: float, hold_us: np.ndarray[tuple[int, ...], np.dtype[np.int64]], findings: Findings
) -> None:
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


def _check_drift(exchanges: np.ndarray[tuple[int, ...], np.dtype[np.int64]], findings: Findings) -> None:
    """Drift by the lower envelope of the answers; then no exchange may contradict another."""
    sent_us, received_us = exchanges[:, 0] / 1000, exchanges[:, 3] / 1000
    rx_us, hold_us = exchanges[:, 1].astype(np.float64), exchanges[:, 2]
    zero = rx_us[0]
    device_us = rx_us - zero
    latest = received_us - device_us - hold_us
    earliest = sent_us - device_us
    slope = float(np.polyfit(device_us, (latest + earliest) / 2, 1)[0])
    span_s = float(device_us[-1]) * 1e-6
    low, high = earliest - slope * device_us, latest - slope * device_us
    contradiction_us = float(low.max() - high.min())
    ppm = slope * 1e6
    values: dict[str, float | int | str] = {
        "drift_ppm": round(ppm, 1),
        "bounds_us": round(float((latest - earliest).min()), 1),
        "exchanges": len(exchanges),
    }
    if contradiction_us > CONTRADICTION_US:
        text = f"answers contradict each other by {contradiction_us / 1000:.1f} ms: are rx_us and hold_us right?"
        findings.add(Finding("clock", SECTION, "FAIL", text, values))
        return
    if span_s < DRIFT_SPAN_S:
        findings.add(Finding("clock", SECTION, "PASS", "the clock runs forward; too short a run for its drift", values))
        return
    size = abs(ppm)
    verdict: Verdict = "PASS" if size <= QUARTZ_PPM else "WARN" if size <= OSCILLATOR_PPM else "FAIL"
    findings.add(Finding("clock", SECTION, verdict, f"drifts {ppm:+.0f} ppm against this host", values))
