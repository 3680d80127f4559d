"""Closed chains with a known error: what the fit finds lies within what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt

import numpy as np
import pytest

from edge.motion.chain import (
    FOLLOWED_SD_DEG,
    LEAST_STROKES,
    OFFSET_SD_DEG,
    POINTS,
    STROKES,
    UNMODELLED_DEG,
    ChainFit,
    StrokePoints,
)
from edge.motion.known_body import by_height, changed
from edge.samples import FloatArray

THIGH_M, SHANK_M = 0.429, 0.4305
NAN = np.nan


@dataclass(frozen=True)
class Nina:
    """A lifter on a sled.

    offset_deg, slope_deg, lag_s: the errors of her left and right knee; thigh, shank: lengths over the tables';
    drop2_m2: squared distance of the ankles from the rail line; scale: of the sled's path; straight_deg: her own
    straight, from where her knees are told.
    """

    offset_deg: tuple[float, float] = (0.0, 0.0)
    slope_deg: tuple[float, float] = (0.0, 0.0)
    lag_s: tuple[float, float] = (0.0, 0.0)
    thigh: float = 1.0
    shank: float = 1.0
    longer_m: float = 0.0
    drop2_m2: float = 0.0046
    scale: float = 1.0
    straight_deg: float = 0.0

    def stroke(self, deepest_deg: float = 95.0, up: float = 1.0, samples: int = 150) -> StrokePoints:
        """Half a rep between 15° and the depth of her right knee; up < 0 the other way."""
        time = np.linspace(0.0, 1.0, samples)
        share = (1 - np.cos(np.pi * time)) / 2
        right = 15.0 + (deepest_deg - 15.0) * (share if up > 0 else 1 - share)
        half = 0.5 * self.longer_m / (THIGH_M + SHANK_M)
        place = self.place(right, 1 - half)
        knees = [self.knee(place, 1 + half), right]
        raw, rate = zip(*(self.seen(i, knee, time) for i, knee in enumerate(knees)), strict=True)
        return StrokePoints(np.array(raw), np.array(rate), place * self.scale + 3.0)

    def place(self, knee_deg: FloatArray, leg: float) -> FloatArray:
        a, b = THIGH_M * self.thigh * leg, SHANK_M * self.shank * leg
        return np.sqrt(a * a + b * b + 2 * a * b * np.cos(np.radians(knee_deg + self.straight_deg)) - self.drop2_m2)

    def knee(self, place: FloatArray, leg: float) -> FloatArray:
        a, b = THIGH_M * self.thigh * leg, SHANK_M * self.shank * leg
        return np.degrees(np.arccos((place**2 + self.drop2_m2 - a * a - b * b) / (2 * a * b))) - self.straight_deg

    def seen(self, i: int, knee: FloatArray, time: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What the sensors say of a knee: soft tissue on top, then the offset, and late by the lag."""
        soft = knee * 1.0
        for _ in range(20):
            soft = knee * (1.0 + self.slope_deg[i] / 90.0 * (0.8 + 0.2 * soft / 90.0))
        rate = np.gradient(soft, time * 1.5)
        return soft + self.offset_deg[i] - rate * self.lag_s[i], rate


def fitted(nina: Nina, strokes: int = 8) -> ChainFit:
    fit = ChainFit(THIGH_M, SHANK_M)
    for i in range(strokes):
        fit.add(nina.stroke(90.0 + i % 3 * 5.0, (-1.0) ** i))
    return fit


def errors(fit: ChainFit, nina: Nina) -> tuple[float, float]:
    """The worst error of the flexion over a stroke, left and right, deg."""
    stroke, true = (
        nina.stroke(),
        Nina(thigh=nina.thigh, shank=nina.shank, longer_m=nina.longer_m, drop2_m2=nina.drop2_m2),
    )
    right = true.stroke()
    chains = fit.solve()
    worst = []
    for i, side in enumerate(("left", "right")):
        found = [
            chains[side].flexion(raw, rate)  # type: ignore[index]
            for raw, rate in zip(stroke.raw_deg[i], stroke.rate_deg_s[i], strict=True)
        ]
        worst.append(float(np.abs(np.array(found) - right.raw_deg[i]).max()))
    return worst[0], worst[1]


def test_with_no_stroke_there_is_what_was_known_beforehand() -> None:
    """Lengths from the height, no correction, and a zero that is as unsure as people stand."""
    fit = ChainFit(THIGH_M, SHANK_M)
    chain = fit.solve()["left"]
    assert (chain.thigh_m, chain.shank_m, chain.offset_deg, chain.slope_deg, chain.lag_s) == (THIGH_M, SHANK_M, 0, 0, 0)
    assert fit.offset_sd_deg("left") == fit.offset_sd_deg("right") == OFFSET_SD_DEG


@pytest.mark.parametrize("offset", [(2.5, 0.0), (0.0, -2.5), (2.0, -2.0), (2.5, 2.5)])
def test_an_offset_is_found_within_its_stated_spread(offset: tuple[float, float]) -> None:
    """A standing pose that was off by up to 2.5° in one knee or both: found to within two of its stated spreads."""
    nina = Nina(offset_deg=offset)
    fit = fitted(nina)
    chains = fit.solve()
    for i, side in enumerate(("left", "right")):
        sd = fit.offset_sd_deg(side)  # type: ignore[arg-type]
        assert abs(chains[side].offset_deg - offset[i]) < 2 * sd  # type: ignore[index]
        assert 0.1 < sd < 0.8 * OFFSET_SD_DEG
    assert max(errors(fit, nina)) < 0.55 * max(map(abs, offset))


def test_strokes_make_it_surer() -> None:
    """Each pair of strokes narrows the stated spread of the zero."""
    sds = []
    for strokes in (0, 2, 6, 14):
        fit = fitted(Nina(offset_deg=(1.0, 1.0)), strokes)
        fit.solve()
        sds.append(fit.offset_sd_deg("left"))
    assert sds == sorted(sds, reverse=True)
    assert len(set(sds)) == 4


@pytest.mark.parametrize(
    ("nina", "within_deg"),
    [
        (Nina(), 0.2),
        (Nina(slope_deg=(4.0, 4.0)), 1.6),
        (Nina(slope_deg=(4.0, -4.0)), 1.6),
        (Nina(lag_s=(0.008, -0.008)), 0.6),
        (Nina(thigh=1.05, shank=0.96), 1.0),
        (Nina(drop2_m2=0.0121), 1.0),
        (Nina(scale=1.02), 1.0),
        (Nina(longer_m=0.008), 1.0),
        (Nina(offset_deg=(2.0, -1.0), slope_deg=(2.0, 1.0), lag_s=(0.005, 0.002), thigh=0.97, longer_m=0.004), 1.6),
    ],
    ids=["nothing", "soft tissue", "unlike tissue", "clocks", "lengths", "ankles", "sled", "uneven legs", "all"],
)
def test_no_part_of_the_chain_is_mistaken_for_another(nina: Nina, within_deg: float) -> None:
    """Whatever is off with sensors, body or sled, the flexion of both knees comes out nearly right over all the way."""
    assert max(errors(fitted(nina), nina)) < within_deg


def test_one_leg_alone_is_fitted() -> None:
    """Where the other leg was not seen, the sled's path still gives this one its zero; the other keeps its prior."""
    nina, fit = Nina(offset_deg=(2.5, 2.5)), ChainFit(THIGH_M, SHANK_M)
    for i in range(8):
        stroke = nina.stroke(95.0, (-1.0) ** i)
        fit.add(StrokePoints(np.array([stroke.raw_deg[0], np.full(150, NAN)]), stroke.rate_deg_s, stroke.place_m))
    chains = fit.solve()
    assert abs(chains["left"].offset_deg - 2.5) < 2 * fit.offset_sd_deg("left")
    assert chains["left"].offset_deg > 0.8
    assert chains["right"].offset_deg == pytest.approx(0.0, abs=1e-6)
    assert fit.offset_sd_deg("right") == pytest.approx(OFFSET_SD_DEG, rel=1e-3)


def test_the_zero_of_the_path_does_not_matter() -> None:
    """Only how the sled moves along a stroke is used, not where it says it is."""
    nina, elsewhere = Nina(offset_deg=(1.5, 0.0)), ChainFit(THIGH_M, SHANK_M)
    for i in range(8):
        stroke = nina.stroke(90.0 + i % 3 * 5.0, (-1.0) ** i)
        elsewhere.add(StrokePoints(stroke.raw_deg, stroke.rate_deg_s, stroke.place_m + 0.2 * i))
    assert elsewhere.solve()["left"].offset_deg == pytest.approx(fitted(nina).solve()["left"].offset_deg, abs=1e-6)


def test_a_bang_counts_little() -> None:
    """Points bent by 5 cm in one stroke of eight move the zero by less than a third of its spread."""
    nina = Nina(offset_deg=(1.5, 1.5))
    banged = fitted(nina, 7)
    stroke = nina.stroke(95.0, -1.0)
    place = stroke.place_m.copy()
    place[:10] += 0.05
    banged.add(StrokePoints(stroke.raw_deg, stroke.rate_deg_s, place))
    sound = fitted(nina)
    moved = banged.solve()["left"].offset_deg - sound.solve()["left"].offset_deg
    assert abs(moved) < sound.offset_sd_deg("left") / 3


def test_only_the_last_strokes_count() -> None:
    """After STROKES new ones the old are gone: the fit is what the new alone give."""
    once, twice = ChainFit(THIGH_M, SHANK_M), ChainFit(THIGH_M, SHANK_M)
    for _ in range(STROKES):
        twice.add(Nina(offset_deg=(-2.0, -2.0)).stroke())
    for _ in range(STROKES):
        once.add(Nina(offset_deg=(2.0, 2.0)).stroke())
        twice.add(Nina(offset_deg=(2.0, 2.0)).stroke())
    assert once.solve()["left"].offset_deg == pytest.approx(twice.solve()["left"].offset_deg)


def test_a_stroke_too_short_teaches_nothing() -> None:
    """Fewer samples than points are no stroke."""
    fit = ChainFit(THIGH_M, SHANK_M)
    fit.add(Nina(offset_deg=(5.0, 5.0)).stroke(samples=POINTS - 1))
    assert fit.solve()["left"].offset_deg == 0.0
    fit.add(Nina(offset_deg=(5.0, 5.0)).stroke(samples=POINTS))
    assert fit.solve()["left"].offset_deg > 0.1


def test_a_sensor_that_moved_makes_its_leg_unknown_again() -> None:
    """The leg's own corrections fall back to the prior, earlier strokes teach nothing of it; the other is kept."""
    fit = fitted(Nina(offset_deg=(2.0, -2.0), slope_deg=(2.0, 2.0)))
    kept = fit.solve()["right"].offset_deg
    fit.forget("left")
    assert fit.offset_sd_deg("left") == pytest.approx(hypot(OFFSET_SD_DEG, FOLLOWED_SD_DEG))
    assert fit.offset_sd_deg("right") < 0.8 * OFFSET_SD_DEG
    chains = fit.solve()
    assert (chains["left"].offset_deg, chains["left"].slope_deg, chains["left"].lag_s) == pytest.approx(
        (0, 0, 0), abs=1e-6
    )
    assert chains["right"].offset_deg == pytest.approx(kept, abs=fit.offset_sd_deg("right"))


def test_each_turn_that_was_followed_makes_the_zero_less_sure() -> None:
    """On top of how surely it was mounted, however often, and until it is mounted anew."""
    fit = ChainFit(THIGH_M, SHANK_M)
    fit.expect("left", 1.5)
    for times in (1, 2, 3):
        fit.forget("left")
        fit.solve()
        assert fit.offset_sd_deg("left") == pytest.approx(hypot(1.5, sqrt(times) * FOLLOWED_SD_DEG))
    assert fit.offset_sd_deg("right") == OFFSET_SD_DEG
    fit.expect("left", 1.5)
    assert fit.offset_sd_deg("left") == 1.5


def test_without_a_path_the_legs_are_held_against_each_other() -> None:
    """No sled sensor: what one knee shows and the other does not goes, what both show stays; the spread says so."""
    nina, fit = Nina(offset_deg=(3.0, -1.0)), ChainFit(THIGH_M, SHANK_M)
    for i in range(8):
        stroke = nina.stroke(95.0, (-1.0) ** i)
        fit.add(StrokePoints(stroke.raw_deg, stroke.rate_deg_s, np.full(150, NAN)))
    chains = fit.solve()
    left, right = chains["left"].offset_deg, chains["right"].offset_deg
    assert left - right > 2.0
    assert left + right == pytest.approx(0.0, abs=0.3)
    assert 0.6 * OFFSET_SD_DEG < fit.offset_sd_deg("left") < OFFSET_SD_DEG


def test_sensors_mounted_less_surely_are_trusted_less() -> None:
    """Two legs that differ by 3°: the one whose zero was said to be surer keeps more of it."""
    nina, fit = Nina(offset_deg=(3.0, 0.0)), ChainFit(THIGH_M, SHANK_M)
    fit.expect("left", 3.0)
    assert fit.offset_sd_deg("left") == 3.0
    for i in range(8):
        fit.add(nina.stroke(95.0, (-1.0) ** i))
    assert fit.solve()["left"].offset_deg > fitted(nina).solve()["left"].offset_deg
    assert fit.offset_sd_deg("left") < 1.5


def test_no_zero_is_surer_than_flesh() -> None:
    """However many strokes tell it, the stated spread does not go below what they cannot show."""
    fit = fitted(Nina(), 40)
    fit.solve()
    assert UNMODELLED_DEG <= fit.offset_sd_deg("left") < 0.8 * OFFSET_SD_DEG


def test_knees_that_are_never_straight_keep_their_own_zero() -> None:
    """Who lacks 5.5° has that found for the chain's own use, and keeps most of it out of her flexion; who lacks nothing
    and stood 2° off is not taken for her.
    """
    lacks, fit = Nina(straight_deg=5.5), ChainFit(THIGH_M, SHANK_M)
    for i in range(14):
        fit.add(lacks.stroke(90.0 + i % 3 * 5.0, (-1.0) ** i))
        chain = fit.solve()["left"]
    assert chain.straight_deg > 3.0
    assert abs(chain.flexion(15.0, 0.0) - 15.0) < 2.0
    assert fitted(Nina(offset_deg=(-2.0, -2.0))).solve()["left"].straight_deg < 0.6


def test_a_press_and_a_rep_come_before_any_word_of_it() -> None:
    """With fewer than LEAST_STROKES strokes nobody's knees are said to be bent."""
    lacks, fit = Nina(straight_deg=5.5), ChainFit(THIGH_M, SHANK_M)
    told = []
    for i in range(LEAST_STROKES + 1):
        told.append(fit.solve()["left"].straight_deg)
        fit.add(lacks.stroke(95.0, (-1.0) ** i))
    assert told[:LEAST_STROKES] == [0.0] * LEAST_STROKES
    assert fit.solve()["left"].straight_deg > 0.0


def test_a_sensor_that_moved_says_nothing_of_the_own_straight() -> None:
    """After a slip the zeros are no longer how she stood: what was found of her own straight stays as it is."""
    lacks, fit = Nina(straight_deg=5.5), ChainFit(THIGH_M, SHANK_M)
    fit.forget("left")
    for i in range(14):
        fit.add(lacks.stroke(95.0, (-1.0) ** i))
        assert fit.solve()["right"].straight_deg == 0.0


def test_a_leg_whose_sensor_moved_begins_anew_with_what_is_known() -> None:
    """The lifter's own flesh is the same under a strap that slipped; the other leg stays as it was found."""
    tables = by_height(1.75)
    tissue_deg = 2.5
    known = changed(tables, np.array([*tables.values()[:3], tissue_deg]), tables.spread(), sessions=2)
    fit, nina = ChainFit(THIGH_M, SHANK_M), Nina(offset_deg=(3.0, 3.0))
    fit.know(known)
    for i in range(6):
        fit.add(nina.stroke(95.0, (-1.0) ** i))
        fit.solve()
    before = fit._x.copy()
    fit.forget("left")
    assert fit._x[:3] == pytest.approx([0.0, tissue_deg, 0.0])
    assert fit._x[3:6] == pytest.approx(before[3:6])
