"""What a session leaves of its lifter's legs, and what the next one makes of it."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from test_chain import SHANK_M, THIGH_M, Nina, errors, fitted

from edge.motion.chain import LEAST_STROKES, ChainFit
from edge.motion.known_body import KnownBody, by_tables, changed, measured
from edge.motion.person import EACH_SESSION_SD

HEIGHT_M = 1.75
LONGER = 1.06


def legs(scale: float, sd_m: float = 0.004) -> KnownBody:
    """Legs so much longer than the tables say, known as well as that."""
    spread = by_tables(THIGH_M, SHANK_M).spread()
    spread[:2, :2] = sd_m**2 * np.eye(2)
    return changed(by_tables(THIGH_M, SHANK_M), np.array([THIGH_M * scale, SHANK_M * scale, 0.0, 0.0]), spread)


def taught(nina: Nina, *known: KnownBody, strokes: int = 8) -> ChainFit:
    fit = ChainFit(THIGH_M, SHANK_M)
    fit.know(*known)
    for i in range(strokes):
        fit.add(nina.stroke(90.0 + i % 3 * 5.0, (-1.0) ** i))
        fit.solve()
    return fit


def known_after(fit: ChainFit) -> KnownBody:
    known = fit.known()
    assert known is not None
    return known


def test_legs_that_are_known_leave_less_of_a_knee_open() -> None:
    """Of a lifter 6 % off the tables, whose straps turn as well: less than half the error."""
    nina = Nina(thigh=LONGER, shank=LONGER, slope_deg=(-2.0, -2.0))
    stranger, known = (max(errors(taught(nina, *told), nina)) for told in ((), (legs(LONGER),)))
    assert known < 0.5 * stranger


def test_known_legs_are_the_chains_before_any_stroke() -> None:
    """With what flesh adds, a leg that is longer than the other, and a knee that is never straight."""
    known = msgspec.structs.replace(
        legs(LONGER), left_surplus_m=0.01, tissue_deg=2.0, straight_deg=5.0, straight_sd_deg=0.8
    )
    fit = ChainFit(THIGH_M, SHANK_M)
    fit.know(known)
    left, right = fit.solve()["left"], fit.solve()["right"]
    assert left.thigh_m + right.thigh_m == pytest.approx(2 * THIGH_M * LONGER)
    assert left.thigh_m + left.shank_m - right.thigh_m - right.shank_m == pytest.approx(0.01 * LONGER)
    assert (left.slope_deg, left.offset_deg, left.lag_s) == (2.0, 0.0, 0.0)
    assert left.straight_deg > 3.0


def test_a_zero_is_no_surer_for_known_legs() -> None:
    """What ankle and flesh do to it, lengths do not tell: a knee is not called locked on less."""
    stranger, known = taught(Nina()), taught(Nina(), known_after(taught(Nina())))
    for side in ("left", "right"):
        assert known.offset_sd_deg(side) == pytest.approx(stranger.offset_sd_deg(side), abs=0.05)


def test_being_told_of_nobody_is_being_told_nothing() -> None:
    """To the last bit, and also after somebody else was told of."""
    nina = Nina(offset_deg=(1.0, -0.5), slope_deg=(2.0, 1.0), thigh=1.02)
    plain, emptied = fitted(nina), fitted(nina)
    plain.solve()
    emptied.know(legs(1.1))
    emptied.know()
    assert plain.solve() == emptied.solve()


def test_whom_one_is_told_of_late_is_known_all_the_same() -> None:
    """The strokes so far are looked at anew: what comes of them is what would have come."""
    nina = Nina(thigh=LONGER, shank=LONGER)
    late = taught(nina)
    late.know(legs(LONGER))
    late.solve()
    assert max(errors(late, nina)) == pytest.approx(max(errors(taught(nina, legs(LONGER)), nina)), abs=0.05)


def test_nothing_is_said_of_legs_that_were_not_seen() -> None:
    """Before a press and a whole rep, and where no sled tells of their length nor another leg of their difference."""
    nina = Nina(thigh=LONGER)
    assert taught(nina, strokes=LEAST_STROKES - 1).known() is None
    assert taught(nina, strokes=LEAST_STROKES).known() is not None
    blind = ChainFit(THIGH_M, SHANK_M)
    for _ in range(8):
        stroke = nina.stroke()
        stroke.place_m[:] = np.nan
        stroke.raw_deg[1] = np.nan
        blind.add(stroke)
    blind.solve()
    assert blind.known() is None


def test_one_session_goes_on_where_the_last_has_ended() -> None:
    """Each is surer than the one before, of a lifter who is the same each time, and ends nearer to what is so."""
    known: tuple[KnownBody, ...] = ()
    told = []
    for _ in range(4):
        known = (
            msgspec.json.decode(
                msgspec.json.encode(known_after(taught(Nina(thigh=LONGER, shank=LONGER), *known))), type=KnownBody
            ),
        )
        told.append(known[0])
    assert [one.sessions for one in told] == [1, 2, 3, 4]
    assert np.all(np.diff([one.length_sd_m() for one in told]) < 0)
    off = [abs(one.thigh_m + one.shank_m - LONGER * (THIGH_M + SHANK_M)) for one in told]
    assert np.all(np.diff(off) < 0)


def test_flesh_that_stays_the_same_makes_nobody_sure() -> None:
    """A hundred sessions of one lifter, whose flesh turns the sensors alike every time: what is said of the legs is no
    nearer to the truth than it says, and a part of what a first session leaves open stays open for good.
    """
    nina = Nina(slope_deg=(2.5, 2.5))
    known = known_after(taught(nina))
    first = known.length_sd_m()
    for _ in range(100):
        known = known_after(taught(nina, known))
    off = abs(known.thigh_m + known.shank_m - THIGH_M - SHANK_M)
    assert off < 2.0 * known.length_sd_m()
    assert known.length_sd_m() > 0.6 * first
    assert (np.sqrt(np.diag(known.spread())) > EACH_SESSION_SD).all()


def test_somebody_else_is_not_taken_for_the_one_who_is_known() -> None:
    """Legs known to 1 cm, and strokes of legs 19 % longer: forgotten, and what is kept rests on this session alone; of
    legs 2 % longer the old ones are kept.
    """
    known = msgspec.structs.replace(legs(0.88, 0.006), sessions=9)
    other, same = Nina(thigh=1.05, shank=1.05), Nina(thigh=0.9, shank=0.9)
    forgotten = known_after(taught(other, known))
    assert forgotten.sessions == 1
    assert forgotten.values() == pytest.approx(known_after(taught(other)).values(), abs=0.01)
    assert known_after(taught(same, known)).sessions == 10


def test_a_tape_that_was_read_wrongly_is_put_aside() -> None:
    """Legs 9 cm too long by the tape: the height counts, and the tape's figures stay marked so as not to come again."""
    tape = measured(THIGH_M + 0.09, SHANK_M + 0.09, HEIGHT_M)
    after = known_after(taught(Nina(), tape))
    assert after.sessions == 1
    assert after.tape_m == tape.tape_m
    assert abs(after.thigh_m - THIGH_M) < 0.02


def test_after_somebody_else_the_tape_still_counts() -> None:
    """What another one has left under the name is forgotten, the lifter's own measures are not."""
    tape = measured(THIGH_M * LONGER, SHANK_M * LONGER, HEIGHT_M)
    stale = msgspec.structs.replace(legs(0.86), tape_m=tape.tape_m)
    nina = Nina(thigh=LONGER, shank=LONGER)
    fit = taught(nina, stale, tape)
    after = known_after(fit)
    assert (after.sessions, after.tape_m) == (1, tape.tape_m)
    assert after.thigh_m > 1.03 * THIGH_M


def test_a_knee_that_is_never_straight_is_remembered() -> None:
    """Who lacks 5°: at the second session's start it is known, and by then surer than by one session."""
    lacks = Nina(straight_deg=5.0)
    first = known_after(taught(lacks, strokes=14))
    fit = ChainFit(THIGH_M, SHANK_M)
    fit.know(first)
    assert fit.solve()["left"].straight_deg > 2.0
    second = known_after(taught(lacks, first, strokes=14))
    assert second.straight_sd_deg is not None
    assert first.straight_sd_deg is not None
    assert second.straight_sd_deg < first.straight_sd_deg
