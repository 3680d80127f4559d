"""One line of the log for each rep and each set, with all that is asked of it later: key=value, one order, no names.

A line holds what was counted, how it went, what was wrong, what was said and what could not be judged, so that a
question about one rep is answered by finding one line.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from edge.events import Alert, AnyEvent, Rep, SetSummary, Sign, verdict_key

log = logging.getLogger("sledguard")


class LogOutlet:
    """Events of all machines of a box, as lines of its log."""

    def __init__(self) -> None:
        self._spoken: dict[str, list[Alert | Sign]] = {}
        self._told: dict[str, Rep] = {}

    def tell(self, machine: str, event: AnyEvent) -> None:
        """See Outlet. A rep's line waits for the summary of its set so far: what is said of the rep comes between."""
        if isinstance(event, Alert | Sign) and event.spoken:
            self._spoken.setdefault(machine, []).append(event)
        elif isinstance(event, Rep):
            self._tell_rep(machine)
            self._told[machine] = event
        elif isinstance(event, SetSummary):
            self._tell_rep(machine)
            if event.final:
                log.info("%s", line(set_fields(machine, event)))

    def _tell_rep(self, machine: str) -> None:
        """The line of the rep that waits, if any; what was said of later ones is kept for theirs."""
        rep = self._told.pop(machine, None)
        if rep is None:
            return
        said = [one for one in self._spoken.pop(machine, []) if one.session == rep.session]
        spoken = [_name(one) for one in said if (one.set, one.rep) == (rep.set, rep.rep)]
        self._spoken[machine] = [one for one in said if (one.set, one.rep) > (rep.set, rep.rep)]
        log.info("%s", line(rep_fields(machine, rep, spoken)))

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """See Outlet: who opens links logs them."""


def rep_fields(machine: str, rep: Rep, spoken: Iterable[str]) -> dict[str, object]:
    """What stands in the line of a rep. spoken: faults and signs that were spoken of in it."""
    return {
        "rep": rep.rep, "set": rep.set, "machine": machine, "session": rep.session, "t_s": round(rep.t_s, 3),
        "counted": rep.counted, "reason": rep.reason, "rom_m": rep.rom_m, "eccentric_s": rep.eccentric_s,
        "pause_s": rep.pause_s, "concentric_s": rep.concentric_s, "mean_concentric_m_s": rep.mean_concentric_m_s,
        "load_kg": rep.load_kg, "faults": [f"{verdict_key(f.kind, f.side)}:{f.severity}" for f in rep.faults],
        "spoken": list(spoken), "not_assessed": sorted(rep.not_assessed),
    }  # fmt: skip


def set_fields(machine: str, one: SetSummary) -> dict[str, object]:
    """What stands in the line of a set."""
    return {
        "set": one.set, "machine": machine, "session": one.session, "t_s": round(one.t_s, 3), "reps": one.reps,
        "attempts": one.attempts, "time_under_tension_s": one.time_under_tension_s, "mean_rom_m": one.mean_rom_m,
        "mean_concentric_m_s": one.mean_concentric_m_s, "velocity_loss_pct": one.velocity_loss_pct,
        "load_kg": one.load_kg, "faults": [f"{name}:{count}" for name, count in sorted(one.faults.items())],
        "not_assessed": sorted(one.not_assessed),
    }  # fmt: skip


def line(fields: dict[str, object]) -> str:
    """key=value, those that are not known left out."""
    return " ".join(f"{key}={_shown(value)}" for key, value in fields.items() if value is not None and value != [])


def _name(said: Alert | Sign) -> str:
    return f"{said.kind}_{said.side}" if said.side else said.kind


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ",".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    text = str(value)
    return f'"{text}"' if " " in text else text
