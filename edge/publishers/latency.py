"""How long alerts take, step by step, on the box that runs: what `sledguard latency` prints.

Every alert carries the times of its newest sample, of that sample's arrival, of the decision, of the first buzzer that
was told, and of its handing over to the broker's client, all on one time line. Here they are gathered, so that the box
can say how fast it is without anybody listening.
"""

from __future__ import annotations

import json
import math
import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge.errors import SledguardError
from edge.events import Alert

KEPT = 10_000  # of each step: a week of a busy box, and 80 kB
GRID_S = 0.01  # the pipeline decides for the end of its step, which a buzzer may be told up to a step before
ONE_CUE_S = 0.1  # buzzers of one cue are told within a few ms, and the next cue is a rep away
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}

STEPS = {
    "sample_to_arrival": "newest sample taken, to its bytes at the box",
    "arrival_to_decision": "bytes at the box, to the decision",
    "arrival_to_buzzer": "bytes at the box, to the first buzzer told",
    "sample_to_buzzer": "newest sample taken, to the first buzzer told",
    "arrival_to_sent": "bytes at the box, to the broker's client",
    "decision_to_acknowledged": "decision, to the broker's acknowledgement",
}


class Latency:
    """Gathers the times of one box's alerts."""

    def __init__(self) -> None:
        self._ms: dict[str, deque[float]] = {step: deque(maxlen=KEPT) for step in STEPS}
        self._buzzed_s: dict[str, float] = {}
        self.alerts = 0

    def buzzed(self, machine: str, t_ns: int) -> None:
        """A buzzer of this machine was told at t_ns. Of several that are told of one cue, the first counts."""
        t_s = t_ns / 1e9
        if t_s - self._buzzed_s.get(machine, -math.inf) > ONE_CUE_S:
            self._buzzed_s[machine] = t_s

    def buzzed_s(self, machine: str, alert: Alert) -> float | None:
        """When the first buzzer was told of this alert; None: none was, or not yet."""
        t_s = self._buzzed_s.pop(machine, None) if alert.spoken else None
        return t_s if t_s is not None and t_s >= alert.t_s - GRID_S else None

    def sent(self, alert: Alert, sent_s: float) -> None:
        """An alert went to the broker's client at sent_s."""
        self.alerts += 1
        self._add("sample_to_arrival", alert.arrival_s - alert.sample_s)
        self._add("arrival_to_decision", alert.t_s - alert.arrival_s)
        self._add("arrival_to_sent", sent_s - alert.arrival_s)
        if alert.buzzed_s is not None:
            self._add("arrival_to_buzzer", alert.buzzed_s - alert.arrival_s)
            self._add("sample_to_buzzer", alert.buzzed_s - alert.sample_s)

    def acknowledged(self, since_decision_s: float) -> None:
        """The broker has an alert."""
        self._add("decision_to_acknowledged", since_decision_s)

    def summary(self) -> dict[str, Any]:
        """Per step: how many, percentiles and the largest, ms."""
        return {step: figures(values) for step, values in self._ms.items() if values}

    def _add(self, step: str, seconds: float) -> None:
        self._ms[step].append(seconds * 1e3)


def figures(values_ms: Sequence[float]) -> dict[str, float]:
    """n, percentiles by nearest rank, and the largest; at least one value."""
    ranked = sorted(values_ms)
    found = {name: ranked[math.ceil(share * len(ranked)) - 1] for name, share in SHARES.items()}
    return {"n": len(ranked)} | {name: round(ms, 3) for name, ms in (found | {"max": ranked[-1]}).items()}


def write_certificate(path: Path, facts: dict[str, Any]) -> None:
    """Replace the file in one go, so that a reader sees the one before or this one. OSError: the disk refuses."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    os.replace(draft, path)


def read_certificate(path: Path) -> dict[str, Any]:
    """SledguardError: there is none, or it is not readable."""
    try:
        facts = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SledguardError(
            f"{path}: no latency figures there ({getattr(error, 'strerror', None) or error}); a running box writes them"
            " after its first alert; a service's are root's to read"
        ) from error
    if not isinstance(facts, dict) or not isinstance(facts.get("steps"), dict):
        raise SledguardError(f"{path}: no latency figures in it; delete it, and a running box writes it anew")
    return facts


def table(facts: dict[str, Any]) -> list[str]:
    """The certificate as lines of text."""
    names = [*SHARES, "max"]
    lines = [f"{'ms':<50}{'n':>7}" + "".join(f"{name:>10}" for name in names)]
    for step, found in facts["steps"].items():
        values = "".join(f"{found[name]:>10.2f}" for name in names)
        lines.append(f"{STEPS.get(step, step):<50}{found['n']:>7}{values}")
    return lines
