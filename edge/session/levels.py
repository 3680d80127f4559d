"""What holds until it changes: the machine's state, the faults that are present, each sensor's health; and live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeVar

from edge.detectors.near_max import LoadShare, Source
from edge.detectors.ramp import EVERY, Nearness
from edge.detectors.watch import Watch
from edge.events import VERDICTS, ActiveAlerts, ActiveFault, AnyEvent, Kind, Live, MachineState, Side, verdict_key
from edge.motion.body import Body
from edge.motion.leg import SIDES
from edge.motion.series import GRID_NS, Series
from edge.session.life import Life
from edge.session.sensor_health import SensorHealth

T = TypeVar("T")

STALE: Final = 30
"""Grid steps (0.3 s) after which a signal is no longer live: batches later than that are rare."""
HEALTH_EVERY: Final = 10
"""Grid steps between looks at the sensors' health: a silent sensor is told within 0.1 s of being known as silent."""


class Present(NamedTuple):
    """What is known at an instant: what cannot be judged and why (faults, signs), the load, how near limits are, how
    near the load is to the lifter's maximum, and whether it is known who that is.
    """

    not_assessed: dict[str, str]
    signs_not_assessed: dict[str, str]
    load_kg: float | None
    nearness: Nearness
    near_max: LoadShare | None = None
    lifter_known: bool = False

    @property
    def of_max(self) -> tuple[float, Source] | None:
        """The load's share of the lifter's maximum as it is told, and where that comes from."""
        return None if self.near_max is None else (round(self.near_max.share, 2), self.near_max.source)


class Levels:
    """Feed `step` at every grid instant; it gives what has changed. parts_heels: is a heel told from its toe?"""

    def __init__(self, life: Life, watch: Watch, health: SensorHealth, parts_heels: Callable[[], bool]) -> None:
        self._life, self._watch, self._health, self._parts_heels = life, watch, health, parts_heels
        self._told: tuple[object, ...] = ()
        self._active: tuple[tuple[Kind, Side | None], ...] = ()
        self._spoken: set[tuple[Kind, Side | None]] = set()

    def spoken(self, kind: Kind, side: Side | None) -> None:
        """A cue about this fault was spoken; it stands so for as long as the fault lasts."""
        self._spoken.add((kind, side))

    def step(self, body: Body, t_ns: int, now: Present) -> Iterator[AnyEvent]:
        """The events of this grid instant."""
        k = t_ns // GRID_NS
        yield from self._faults(body, t_ns)
        if k % HEALTH_EVERY == 0:
            yield from self._health.changes(body, t_ns, self._life.session)
        limits, asks, activity = self._limits(body), self._life.asks(body), self._life.activity(body)
        # The rep's number alone is no news.
        news = (
            activity,
            body.gate().set,
            now.not_assessed,
            now.signs_not_assessed,
            asks,
            self._life.session,
            limits,
            now.load_kg,
            now.of_max,
            now.lifter_known,
        )
        if news != self._told:
            self._told = news
            yield self._machine(body, t_ns, now)
        if self._life.session and k % EVERY == 0:
            yield self._live(body, t_ns, now.nearness)

    def _faults(self, body: Body, t_ns: int) -> Iterator[AnyEvent]:
        present = [(kind, side, fault) for kind, side, fault in self._watch.faults() if fault.active]
        if not present and not self._active:
            return
        keys = tuple((kind, side) for kind, side, _ in present)
        if keys == self._active:
            return
        self._active = keys
        rep = body.gate().rep
        active = tuple(
            ActiveFault(kind=kind, side=side, rep=rep, since_s=fault.since_s, spoken=(kind, side) in self._spoken)
            for kind, side, fault in present
        )
        self._spoken &= set(keys)
        yield ActiveAlerts(t_s=t_ns * 1e-9, session=self._life.session, active=active)

    def _machine(self, body: Body, t_ns: int, now: Present) -> MachineState:
        gate, not_assessed = body.gate(), now.not_assessed
        return MachineState(
            t_s=t_ns * 1e-9,
            session=self._life.session,
            state=self._life.activity(body),
            set=gate.set,
            rep=gate.rep,
            load_kg=now.load_kg,
            assessed=tuple(key for v in VERDICTS if (key := verdict_key(*v)) not in not_assessed),
            not_assessed=not_assessed,
            asks=self._life.asks(body),
            limits=self._limits(body),
            signs_not_assessed=now.signs_not_assessed,
            one_rep_max_share=now.of_max[0] if now.of_max else None,
            one_rep_max_source=now.of_max[1] if now.of_max else None,
            lifter_known=now.lifter_known,
        )

    def _limits(self, body: Body) -> dict[str, float]:
        """Of the signals that are measured."""
        limits = self._watch.limits(body)
        if self._parts_heels():
            return limits
        return {signal: limit for signal, limit in limits.items() if not signal.endswith("_heel_share")}

    def _live(self, body: Body, t_ns: int, near: Nearness) -> Live:
        k, gate = t_ns // GRID_NS, body.gate()
        sled, plate, tilt = _fresh(body.sled.states, k), _fresh(body.feet.plates, k), _fresh(body.pelvis.tilts, k)
        left, right = (_fresh(body.legs[s].knees, k) for s in SIDES)
        return Live(
            t_s=t_ns * 1e-9,
            session=self._life.session,
            sled_position_m=sled[0] if sled else None,
            sled_velocity_m_s=sled[1] if sled else None,
            left_knee_flexion_deg=left[0] if left else None,
            right_knee_flexion_deg=right[0] if right else None,
            left_knee_medial_mm=left[2] if left else None,
            right_knee_medial_mm=right[2] if right else None,
            posterior_tilt_deg=tilt[0] if tilt else None,
            left_heel_share=plate.left_heel_share if plate and self._parts_heels() else None,
            right_heel_share=plate.right_heel_share if plate and self._parts_heels() else None,
            force_n=plate.force_n if plate else None,
            phase=gate.phase,
            set=gate.set,
            rep=gate.rep,
            lockout_nearness=_rounded(near.lockout_worst),
            left_lockout_nearness=_rounded(near.lockout["left"]),
            right_lockout_nearness=_rounded(near.lockout["right"]),
            depth_nearness=_rounded(near.depth),
            time_to_lockout_s=_rounded(near.lockout_s),
            time_to_depth_limit_s=_rounded(near.depth_s),
        )


def _rounded(value: float | None) -> float | None:
    """To a hundredth, as far as it is known at all."""
    return None if value is None else round(value, 2)


def _fresh(series: Series[T], now: int) -> T | None:
    """The newest entry, None where it is older than STALE: what is shown as live is live."""
    return series.last() if series.end > now - STALE else None
