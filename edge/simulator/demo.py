"""The session of the demo: soon under way, four different faults in the first half minute, and then it goes on."""

from __future__ import annotations

from dataclasses import replace

from edge.simulator.bluez.native import peripherals_of
from edge.simulator.bluez.peripheral import Peripheral
from edge.simulator.feeds import Loop, feeds_of
from edge.simulator.nodes import NodeSettings, VirtualNode
from edge.simulator.scenario import (
    Fault,
    Fidget,
    Lifter,
    Machine,
    Radio,
    RepPlan,
    Scenario,
    SetPlan,
    SoftTissue,
    Timing,
)
from edge.simulator.session import Session, simulate

DEMO_NODE_ID = 0x51ED6A2D00000001
BRISK = RepPlan(eccentric_s=1.5, pause_s=0.2, concentric_s=1.0, rest_s=0.4, bottom_deg=94.0, top_deg=15.0)
UNHURRIED = replace(BRISK, eccentric_s=2.1, pause_s=0.3, concentric_s=1.3, rest_s=0.7)
LEFT_KNEE_IN = Fault("valgus", "left", 62.0)
HEEL_UP = Fault("heel_lift", "right", 0.03)
TAIL_OFF = Fault("lumbar", "both", 19.0)


def _first_set() -> SetPlan:
    reps = (
        BRISK,
        replace(BRISK, top_deg=1.0),
        replace(BRISK, faults=(LEFT_KNEE_IN,)),
        replace(BRISK, faults=(HEEL_UP,)),
        BRISK,
        replace(BRISK, faults=(TAIL_OFF,)),
        replace(BRISK, bottom_deg=96.0),
        BRISK,
    )
    return SetPlan(reps, still_s=3.1, pause_s=0.4, unrack_s=1.2, first_rest_s=0.5, rack_s=1.4)


def _later_set(number: int) -> SetPlan:
    tired = replace(UNHURRIED, concentric_s=1.3 + 0.2 * number)
    reps = (
        tired,
        tired,
        replace(tired, faults=(replace(LEFT_KNEE_IN, side="right", size=54.0 + 4 * number),)),
        replace(tired, rest_s=3.6, fidgets=(Fidget("unload", "left", 0.8, 1.0),)),
        replace(tired, top_deg=1.2, list_mm=-6.0),
        replace(tired, bottom_deg=97.0),
        replace(tired, faults=(TAIL_OFF, HEEL_UP)),
        replace(tired, rest_s=0.5),
    )
    squirm = (Fidget("knee_flop", "both", 0.5, 1.2, 0.8), Fidget("pelvis_shift", "both", 2.2, 1.0, 0.7))
    return SetPlan(reps, still_s=4.0, fidgets=squirm, pause_s=4.0)


def demo_scenario() -> Scenario:
    """A session of three sets on a 45° sled whose first half minute shows what there is to see."""
    return Scenario(
        seed=45,
        name="demo",
        lifter=Lifter(thigh_m=(0.434, 0.434), shank_m=(0.425, 0.425), standing_bend_deg=(1.4, 0.9)),
        machine=Machine(rail_deg=44.6, said_rail_deg=45.0, sled_kg=140.0, bang_m_s2=25.0),
        tissue=SoftTissue(thigh_flexion_deg=2.0, shank_flexion_deg=1.0),
        timing=Timing(standing_s=4.3, walking_s=2.6, sitting_s=1.5, turn_deg=90.0),
        radio=Radio(late_share=0.0),
        sets=(_first_set(), _later_set(1), _later_set(2)),
    )


def second_rest(session: Session) -> Loop:
    """From the still pause before the second set to the end of the last: what is played over and over."""
    reps = session.truth.facts["reps"]
    second = next(r for r in reps if r["set"] == 2)["start"]
    racked = session.truth.facts["seated_s"][1] - 1.0
    lead = session.scenario.sets[1]
    before = lead.unrack_s + lead.first_rest_s + 0.25 + 2.2 + 1.2 + lead.still_s * 0.8
    return Loop(second - before, racked)


def demo_hub(*, endless: bool = True) -> VirtualNode:
    """The hub of the demo's machine: all its sensors on one line, for ever if `endless`."""
    session = simulate(demo_scenario())
    loop = second_rest(session) if endless else None
    return VirtualNode(
        NodeSettings(DEMO_NODE_ID, clock_ppm=12.0, clock_zero_us=3_700_000), feeds_of(session, None, loop)
    )


def demo_peripherals(*, endless: bool = True) -> list[Peripheral]:
    """The same machine with a Bluetooth node for each sensor."""
    session = simulate(demo_scenario())
    return peripherals_of(session, second_rest(session) if endless else None)
