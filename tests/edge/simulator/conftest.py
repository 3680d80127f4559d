"""A session with everything in it, seen by perfect sensors."""

from __future__ import annotations

import pytest

from edge.simulator.scenario import (
    Fault,
    Fidget,
    Imus,
    LoadCells,
    Radio,
    RepPlan,
    Scenario,
    SetPlan,
    SoftTissue,
)
from edge.simulator.session import Session, World, build_world, simulate

PERFECT_IMUS = Imus(
    rate_hz=500.0,
    rate_error=0.0,
    mount_deg=0.0,
    twist_deg=0.0,
    sled_mount_deg=0.0,
    acc_bias_mg=0.0,
    gyr_bias_deg_s=0.0,
    acc_scale=0.0,
    gyr_scale=0.0,
    cross_axis=0.0,
    g_sensitivity_deg_s=0.0,
    acc_noise_m_s2=0.0,
    gyr_noise_deg_s=0.0,
    warm_up=0.0,
    acc_lsb_m_s2=0.0,
    gyr_lsb_deg_s=0.0,
    delay_ms=0.0,
)
NO_TISSUE = SoftTissue(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.0, 0.0)
PERFECT_CELLS = LoadCells(500.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
PERFECT_RADIO = Radio(clock_ppm=0.0, clock_jitter_us=0.0, late_share=0.0)


@pytest.fixture(scope="session")
def perfect() -> Scenario:
    """One set with each fault, squirming before it; nothing between body and signal."""
    reps = (
        RepPlan(),
        RepPlan(faults=(Fault("valgus", "left", 60.0),)),
        RepPlan(top_deg=1.0, list_mm=6.0),
        RepPlan(faults=(Fault("heel_lift", "right", 0.02),)),
        RepPlan(faults=(Fault("lumbar", "both", 18.0),)),
        RepPlan(bounce_m_s2=5.0, eccentric_s=0.9),
    )
    plan = SetPlan(reps=reps, fidgets=(Fidget("knee_flop", "left"), Fidget("foot_shuffle", "right")))
    return Scenario(
        seed=5,
        sets=(plan,),
        imus=PERFECT_IMUS,
        tissue=NO_TISSUE,
        cells=PERFECT_CELLS,
        radio=PERFECT_RADIO,
    )


@pytest.fixture(scope="session")
def world(perfect: Scenario) -> World:
    """Its physics."""
    return build_world(perfect)


@pytest.fixture(scope="session")
def session(perfect: Scenario) -> Session:
    """Its signals."""
    return simulate(perfect)
