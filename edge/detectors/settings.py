"""The settings of all detectors together, the four faults and the signs: each stands with its own detector."""

from __future__ import annotations

import msgspec

from edge.detectors.arrival import ArrivalSettings
from edge.detectors.asymmetry import AsymmetrySettings
from edge.detectors.brace import BraceSettings
from edge.detectors.depth import DepthSettings
from edge.detectors.grades import GradeSettings
from edge.detectors.heavy import HeavySettings
from edge.detectors.heel_lift import HeelLiftSettings
from edge.detectors.lockout import LockoutSettings
from edge.detectors.lumbar import LumbarSettings
from edge.detectors.resting import RestingSettings
from edge.detectors.seat import SeatSettings
from edge.detectors.stall import StallSettings
from edge.detectors.tempo import TempoSettings
from edge.detectors.too_fast import TooFastSettings
from edge.detectors.turn import TurnSettings
from edge.detectors.valgus import ValgusSettings


class DetectorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The four faults: from where on each is one, until where, and how long it must last."""

    lockout: LockoutSettings = LockoutSettings()
    valgus: ValgusSettings = ValgusSettings()
    heel_lift: HeelLiftSettings = HeelLiftSettings()
    lumbar: LumbarSettings = LumbarSettings()


class SignSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The signs beside the four faults: from where on each is remarked upon."""

    depth: DepthSettings = DepthSettings()
    tempo: TempoSettings = TempoSettings()
    turn: TurnSettings = TurnSettings()
    arrival: ArrivalSettings = ArrivalSettings()
    resting: RestingSettings = RestingSettings()
    asymmetry: AsymmetrySettings = AsymmetrySettings()
    grades: GradeSettings = GradeSettings()
    stall: StallSettings = StallSettings()
    heavy: HeavySettings = HeavySettings()
    seat: SeatSettings = SeatSettings()
    brace: BraceSettings = BraceSettings()
    too_fast: TooFastSettings = TooFastSettings()
