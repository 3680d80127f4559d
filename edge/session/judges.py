"""All that judges by a lifter's own values: watch, coach, alert manager, and how near the load is to the maximum."""

from __future__ import annotations

from edge.alerts.manager import AlertManager
from edge.detectors.near_max import LoadShare, NearMax
from edge.detectors.watch import Watch
from edge.lifter import Lifter
from edge.session.coach import Coach


class Judges:
    """`suit` them to whoever is on the machine, between sets; `begin_session` with every session."""

    def __init__(self, lifter: Lifter) -> None:
        self._lifter = lifter
        self.watch = Watch(lifter.faults)
        self.coach = Coach(lifter.signs, lifter.faults.lockout.alert_deg)
        self.manager = AlertManager(lifter.alerts)
        self.near_max = NearMax(lifter.near_max)
        self._lumbar_times = 1.0

    def suit(self, lifter: Lifter) -> None:
        """Another lifter's values count from here on; what is as it was goes on undisturbed. What was muted by command
        is over with whoever asked for it, even where both have the same values.
        """
        before, self._lifter = self._lifter, lifter
        if lifter.faults != before.faults:
            self.watch.suit(lifter.faults)
        if (lifter.signs, lifter.faults.lockout) != (before.signs, before.faults.lockout):
            self.coach.suit(lifter.signs, lifter.faults.lockout.alert_deg)
        self.manager.suit(lifter.alerts)
        self.near_max.suit(lifter.near_max)

    def begin_session(self) -> None:
        """What belongs to a lifter begins anew."""
        self.coach.begin()
        self.manager.begin_session()
        self.near_max.begin()

    def nearness(self, load_kg: float | None, *, moving: bool) -> LoadShare | None:
        """How near the load is to the lifter's maximum. The back's lines follow it between attempts."""
        near = self.near_max.nearness(load_kg)
        times = self.near_max.lines_times(near)
        if times != self._lumbar_times and not moving:
            self._lumbar_times = times
            self.watch.be_strict(times)
            self.coach.be_strict(times)
        return near
