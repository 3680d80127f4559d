"""Checks of streams: rate, numbers, times, batches, and values at rest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edge.node_test.dialog import SECOND_NS
from edge.node_test.findings import Finding, Findings, Verdict
from edge.node_test.recording import ChannelRecording, Recording
from edge.node_test.turning import turning_error_deg
from firmware_protocol.registries import BatchFlags, ChannelKind

SECTION = "6"
RATE_TOLERANCE = 0.02
RESIDUAL_US = 1000.0
DT_TOLERANCE = 0.005
"""A node measures its period; half a percent is a rate that drifts under it."""

LOSS_WARN, LOSS_FAIL = 0.01, 0.05
STATUS_GAP_S = 1.5
GRAVITY_M_S2, GRAVITY_TOLERANCE_M_S2 = 9.81, 0.3
BIAS_DEG_S = 3.0
REST_DEG_S = 5.0
"""Above this spread the sensor is being moved, and says nothing about rest."""

TURNING_DEG = 0.3
AGE_SLACK_US = 1000.0
LATE_SHARE = 0.01
BATCHES_MIN = 10

_KNOWN_FLAGS = sum(int(flag) for flag in BatchFlags)


class StreamChecks:
    """The checks of one recording; each adds its findings."""

    def __init__(self, recording: Recording, batch_us: int, findings: Findings) -> None:
        self._recording = recording
        self._batch_us = batch_us
        self._findings = findings

    def run(self) -> None:
        """All checks, channel by channel."""
        for recording in self._recording.channels.values():
            if len(recording.batches) < BATCHES_MIN:
                text = f"sent {len(recording.batches)} messages with samples"
                self._tell("stream", "FAIL", recording, text)
                continue
            self._tell("stream", "PASS", recording, "streams")
            self._check_channel(recording)
        self._check_status()

    def _check_channel(self, recording: ChannelRecording) -> None:
        checks: list[Callable[[ChannelRecording], None]] = [
            self._check_rate, self._check_numbers, self._check_times, self._check_batches, self._check_loss,
        ]  # fmt: skip
        imu = recording.channel.kind != ChannelKind.LOAD
        checks += [self._check_rest, self._check_turning] if imu else [self._check_cell]
        for check in checks:
            check(recording)

    def _tell(
        self, check: str, verdict: Verdict, recording: ChannelRecording, text: str, **values: float | int | str
    ) -> None:
        chan = recording.channel.chan
        rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in values.items()}
        shown = f"channel {chan}: {text}" if verdict in ("FAIL", "WARN") else text
        self._findings.add(Finding(check, SECTION, verdict, shown, {"chan": chan, **rounded}))

    def _check_rate(self, recording: ChannelRecording) -> None:
        nominal_hz, measured_hz = 1e9 / recording.channel.period_ns, 1e6 / max(recording.period_us(), 1.0)
        error = measured_hz / nominal_hz - 1
        verdict: Verdict = "PASS" if abs(error) <= RATE_TOLERANCE else "FAIL"
        text = f"{measured_hz:.2f} samples/s, INFO says {nominal_hz:.2f}"
        self._tell("rate", verdict, recording, text, measured_hz=measured_hz, error_pct=100 * error)

    def _check_numbers(self, recording: ChannelRecording) -> None:
        steps = np.diff(recording.column("n"))
        if (steps < 0).any():
            self._tell("numbers", "FAIL", recording, "sample numbers run backwards", times=int((steps < 0).sum()))
        elif recording.seq_lost and not recording.missing():
            text = f"seq says that {recording.seq_lost} messages are missing, n0 that no sample is: seq is per channel"
            self._tell("numbers", "FAIL", recording, text, seq_lost=recording.seq_lost)
        elif recording.duplicates:
            self._tell("numbers", "FAIL", recording, "messages come twice", times=recording.duplicates)
        else:
            self._tell("numbers", "PASS", recording, "samples and messages are numbered without a break")

    def _check_times(self, recording: ChannelRecording) -> None:
        steps = np.diff(recording.column("t_us"))
        if (steps <= 0).any():
            self._tell("times", "FAIL", recording, "device time runs backwards", times=int((steps <= 0).sum()))
            return
        p99_us = float(np.percentile(np.abs(recording.residuals_us()), 99))
        text = "t0, n0 and the measured period fit each other"
        if p99_us > RESIDUAL_US:
            text = f"t0 is up to {p99_us / 1000:.1f} ms (p99) from where n0 puts it: is it taken at data-ready?"
        self._tell("times", "PASS" if p99_us <= RESIDUAL_US else "FAIL", recording, text, residual_p99_us=p99_us)
        period_ns = recording.period_us() * 1000
        error = float(np.percentile(np.abs(recording.column("dt_ns") / period_ns - 1), 95))
        text = "dt is the measured period" if error <= DT_TOLERANCE else "dt is not the measured period"
        verdict: Verdict = "PASS" if error <= DT_TOLERANCE else "FAIL"
        self._tell("period", verdict, recording, text, dt_error_pct=100 * error)

    def _check_batches(self, recording: ChannelRecording) -> None:
        span_us = (recording.column("count") - 1) * recording.column("dt_ns") / 1000
        too_old = float((span_us > self._batch_us + AGE_SLACK_US).mean())
        text = f"batches span at most {span_us.max() / 1000:.1f} ms"
        if too_old > LATE_SHARE:
            text += f", {self._batch_us / 1000:.0f} ms were asked for"
        verdict: Verdict = "FAIL" if too_old > LATE_SHARE else "PASS"
        self._tell("batches", verdict, recording, text, span_max_ms=float(span_us.max() / 1000))
        unknown = int(np.bitwise_or.reduce(recording.column("flags"))) & ~_KNOWN_FLAGS
        if unknown:
            self._tell("flags", "FAIL", recording, f"sets reserved flags {unknown:#04x}")

    def _check_loss(self, recording: ChannelRecording) -> None:
        missing = recording.missing()
        share = missing / max(1, missing + int(recording.column("count").sum()))
        verdict: Verdict = "PASS" if share <= LOSS_WARN else "WARN" if share <= LOSS_FAIL else "FAIL"
        text = f"{100 * share:.2f} % of samples missing"
        self._tell("loss", verdict, recording, text, missing=missing, messages_missing=recording.seq_lost)

    def _check_rest(self, recording: ChannelRecording) -> None:
        values = recording.values()
        acc_m_s2 = float(np.linalg.norm(values[:, :3], axis=1).mean())
        rate_deg_s = np.degrees(values[:, 3:])
        if float(rate_deg_s.std(axis=0).max()) > REST_DEG_S:
            self._tell("rest", "WARN", recording, "is being moved: lay it down and leave it for this test")
            return
        bias = float(np.linalg.norm(rate_deg_s.mean(axis=0)))
        stuck = [name for name, v in zip(("ax", "ay", "az", "gx", "gy", "gz"), values.T, strict=True) if np.ptp(v) == 0]
        faults = []
        if abs(acc_m_s2 - GRAVITY_M_S2) > GRAVITY_TOLERANCE_M_S2:
            faults.append(f"|acc| at rest is {acc_m_s2:.2f} m/s², not 9.81: is scale_a right?")
        if bias > BIAS_DEG_S:
            faults.append(f"turns at {bias:.1f} °/s at rest")
        if stuck:
            faults.append(f"{', '.join(stuck)} never changes")
        text = "; ".join(faults) or f"at rest {acc_m_s2:.2f} m/s² and {bias:.2f} °/s"
        self._tell("rest", "FAIL" if faults else "PASS", recording, text, acc_m_s2=acc_m_s2, bias_deg_s=bias)

    def _check_turning(self, recording: ChannelRecording) -> None:
        if not any(batch.orientation for batch in recording.batches):
            text = "sends no orientation with its batches: lost packets will cost accuracy"
            self._tell("orientation", "WARN", recording, text)
            return
        error_deg = turning_error_deg(recording)
        if error_deg is None:
            self._tell("orientation", "SKIP", recording, "no two batches with orientation in a row")
            return
        verdict: Verdict = "PASS" if error_deg <= TURNING_DEG else "FAIL"
        text = f"orientation and gyro differ by {error_deg:.2f}° (p95) from batch to batch"
        self._tell("orientation", verdict, recording, text, error_p95_deg=error_deg)

    def _check_cell(self, recording: ChannelRecording) -> None:
        values = recording.values()
        verdict: Verdict = "FAIL" if np.ptp(values) == 0 else "PASS"
        text = "never changes: is the cell connected?" if verdict == "FAIL" else "load cells are alive"
        self._tell("cell", verdict, recording, text, noise_lsb=float(values.std()))

    def _check_status(self) -> None:
        times = np.array(self._recording.status_ns, dtype=np.int64)
        if len(times) < 2:
            self._findings.add(Finding("status", "4", "FAIL", "STATUS does not come each second"))
            return
        gap_s = float(np.percentile(np.diff(times), 95)) / SECOND_NS
        verdict: Verdict = "PASS" if gap_s <= STATUS_GAP_S else "FAIL"
        text = f"STATUS comes each {gap_s:.2f} s"
        self._findings.add(Finding("status", "4", verdict, text, {"gap_p95_s": round(gap_s, 3)}))
