"""What is moved on the machine: what holds it, and how hard it is to set moving as the cells feel it."""

from __future__ import annotations

from math import atan, degrees

import pytest

from edge.motion.inclination import STANDARD_GRAVITY
from edge.motion.moved import FLAT, Moved
from edge.motion.plate import static_force_n

STEEP_DEG, LEVEL_DEG = degrees(atan(1.0 / FLAT)) + 0.1, degrees(atan(1.0 / FLAT)) - 0.1


def test_what_holds_it_is_known_with_the_mass() -> None:
    """The weight along the rail and the stack's; None for a sled that nobody knows."""
    assert Moved(30.0, 100.0, 20.0).static_n == pytest.approx(70.0 * STANDARD_GRAVITY)
    assert Moved(30.0, None, 20.0).static_n is None


@pytest.mark.parametrize("said_kg", [None, 60.0, 140.0])
def test_one_sled_on_a_slope_needs_no_mass(said_kg: float | None) -> None:
    """What holds it tells the mass, whatever was said of it: plates are put on that nobody tells of."""
    held_n = static_force_n(140.0, 45.0, 0.0)
    assert Moved(45.0, said_kg).inertia_kg(held_n) == pytest.approx(140.0)


@pytest.mark.parametrize("gain", [0.95, 1.0, 1.04])
@pytest.mark.parametrize("stack_kg", [0.0, 60.0])
def test_the_gain_of_the_cells_cancels(gain: float, stack_kg: float) -> None:
    """Cells that show too much show as much too much for each m/s²."""
    moved = Moved(40.0, 90.0, stack_kg)
    assert moved.static_n is not None
    assert moved.inertia_kg(gain * moved.static_n) == pytest.approx(gain * (90.0 + stack_kg))


def test_a_stack_counts_whole_and_the_sled_along_the_rail() -> None:
    """A sled that nobody knows is what is left of the force beside the stack; more stack than force is no sled."""
    assert Moved(30.0, None, 50.0).inertia_kg(static_force_n(80.0, 30.0, 50.0)) == pytest.approx(130.0)
    assert Moved(30.0, None, 50.0).inertia_kg(50.0 * STANDARD_GRAVITY) is None


@pytest.mark.parametrize(("rail_deg", "kg"), [(STEEP_DEG, 110.0), (LEVEL_DEG, 100.0)])
def test_a_flat_rail_does_not_tell_the_mass(rail_deg: float, kg: float) -> None:
    """From FLAT on the mass that was said holds as it is, as a degree of the rail would tell another one."""
    held_n = static_force_n(110.0, rail_deg, 0.0)
    assert Moved(rail_deg, 100.0).inertia_kg(held_n) == pytest.approx(kg)
    assert (Moved(rail_deg, None).inertia_kg(held_n) is None) == (rail_deg == LEVEL_DEG)


def test_a_stack_tells_it_on_a_level_rail() -> None:
    """Its weight hangs in the cable: with the sled's mass the cells' gain is known; without, nothing is."""
    held_n = 1.05 * 80.0 * STANDARD_GRAVITY
    assert Moved(0.0, 40.0, 80.0).inertia_kg(held_n) == pytest.approx(1.05 * 120.0)
    assert Moved(0.0, None, 80.0).inertia_kg(held_n) is None


@pytest.mark.parametrize("held_n", [0.0, -20.0])
def test_nothing_that_is_held_is_nothing_moved(held_n: float) -> None:
    """Cells that show no weight tell of no mass."""
    assert Moved(45.0, 100.0).inertia_kg(held_n) is None
