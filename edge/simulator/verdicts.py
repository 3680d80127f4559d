"""Was it a fault? One verdict per rep, kind and side, from the true signal alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.samples import FloatArray

LASTING_S = 2.0  # an excursion longer than this says when it ended


@dataclass(frozen=True, slots=True)
class Kind:
    """Bands of a true signal. `high`: faults are high; `from_drive`: judged from the drive on, not in the descent."""

    fault: float
    ok: float
    onset: float
    high: bool
    from_drive: bool = False


KINDS = {
    "lockout": Kind(3.5, 9.0, 5.0, high=False, from_drive=True),
    "valgus": Kind(45.0, 24.0, 35.0, high=True),
    "lumbar": Kind(14.5, 9.0, 12.0, high=True),
    "heel_lift": Kind(0.1, 0.45, 0.25, high=False),
}


@dataclass(frozen=True, slots=True)
class Signal:
    """A judged true signal (N,) and the roles without which nobody could see it."""

    kind: str
    side: str
    values: FloatArray
    needs: tuple[str, ...]


def _state(kind: Kind, peak: float) -> str:
    sign = 1.0 if kind.high else -1.0
    if sign * peak >= sign * kind.fault:
        return "fault"
    return "ok" if sign * peak <= sign * kind.ok else "grey"


def _blind(signal: Signal, rep: dict[str, Any], unseen: list[dict[str, Any]]) -> bool:
    return any(u["role"] in signal.needs and u["from"] <= rep["end"] and u["to"] >= rep["start"] for u in unseen)


def _moment(t: FloatArray, at: int) -> float:
    return round(float(t[at]), 3)


def judge(signal: Signal, rep: dict[str, Any], t: FloatArray, unseen: list[dict[str, Any]]) -> dict[str, Any]:
    """The verdict on one rep: state, peak, when it left the ok band, crossed the onset, and came back if late."""
    kind = KINDS[signal.kind]
    sign = 1.0 if kind.high else -1.0
    a, b = np.searchsorted(t, [rep["drive" if kind.from_drive else "start"] - 1e-6, rep["end"] + 1e-6])
    window = sign * signal.values[a:b]
    peak = int(np.argmax(window))
    beyond = np.flatnonzero(window > sign * kind.onset)
    out: dict[str, Any] = {"kind": signal.kind, "side": signal.side, "rep": rep["index"]}
    out["state"] = "unseen" if _blind(signal, rep, unseen) else _state(kind, sign * float(window[peak]))
    out["peak"] = round(sign * float(window[peak]), 3)
    out["onset"] = out["near"] = None
    if len(beyond):
        onset = int(beyond[0])
        inside = np.flatnonzero(window[:onset] <= sign * kind.ok)
        near = int(inside[-1]) + 1 if len(inside) else 0
        after = np.flatnonzero(window[onset:] <= sign * kind.onset)
        until = onset + int(after[0]) if len(after) else len(window) - 1
        out["onset"], out["near"] = _moment(t, a + onset), _moment(t, a + near)
        if (until - onset) * (t[1] - t[0]) > LASTING_S:
            out["until"] = _moment(t, a + until)
    return out
