"""Paths that the push on the footplate told teach the chain, less surely than a sensor's, and not beside one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge.motion.chain import BY_PUSH, BY_SENSOR, ChainFit, StrokePoints, Trust
from edge.motion.leg import Chain

THIGH_M, SHANK_M = 0.429, 0.4305
LONGER = 1.05
OFFSET_DEG = 2.0
STROKES = 8
KINDS = ((BY_PUSH, 0), (BY_PUSH, STROKES), (BY_SENSOR, STROKES))


def stroke(trust: Trust, path_scale: float = 1.0) -> StrokePoints:
    """Half a rep of legs that are longer than the tables say, both zeros off."""
    flexion = 15.0 + 80.0 * (1 - np.cos(np.linspace(0.0, np.pi, 150))) / 2
    chain = Chain(THIGH_M * LONGER, SHANK_M * LONGER)
    place = np.array([chain.slide(f, 0.0)[0] for f in flexion])
    rate = np.gradient(flexion, 0.01)
    return StrokePoints(np.tile(flexion + OFFSET_DEG, (2, 1)), np.tile(rate, (2, 1)), path_scale * place, trust)


def fitted(*strokes: StrokePoints) -> ChainFit:
    """A fit that has seen them, solved."""
    fit = ChainFit(THIGH_M, SHANK_M)
    for one in strokes:
        fit.add(one)
    fit.solve()
    return fit


def way(fit: ChainFit) -> float:
    """How far the left leg says that the sled goes in such a stroke, over how far it does."""
    told, true = fit.solve()["left"], Chain(THIGH_M * LONGER, SHANK_M * LONGER)
    places = [told.slide(told.flexion(deg + OFFSET_DEG, 0.0), 0.0)[0] for deg in (15.0, 95.0)]
    return (places[0] - places[1]) / (true.slide(15.0, 0.0)[0] - true.slide(95.0, 0.0)[0])


def test_the_way_comes_nearer_and_surer() -> None:
    """Nothing is known but the tables at first, and the way is off by twice its spread; the push tells most of it."""
    none, push, sensor = (fitted(*[stroke(by)] * n) for by, n in KINDS)
    assert abs(way(none) - 1.0) < 2.0 * none.way_sd
    assert abs(way(push) - 1.0) < 0.35 * abs(way(none) - 1.0)
    assert sensor.way_sd < push.way_sd < 0.5 * none.way_sd
    assert BY_SENSOR.scale_sd <= sensor.way_sd + 1e-3
    assert BY_PUSH.scale_sd <= push.way_sd + 2e-3


def test_what_moves_makes_the_way_unsure_again() -> None:
    """A strap that slipped on either leg leaves the way as unsure as a fit without that leg's strokes."""
    fit = fitted(*[stroke(BY_PUSH)] * STROKES)
    sure = fit.way_sd
    fit.forget("left")
    assert fit.way_sd > sure


def test_its_scale_is_trusted_less() -> None:
    """A path that is 3 % too long makes the way longer by less than where a sensor told it."""
    moved = {
        by: way(fitted(*[stroke(by, 1.03)] * STROKES)) - way(fitted(*[stroke(by)] * STROKES))
        for by in (BY_PUSH, BY_SENSOR)
    }
    assert 0.0 < moved[BY_PUSH] < moved[BY_SENSOR] < 0.031


def test_it_is_not_heard_beside_a_sensor() -> None:
    """One stroke that a sensor told: the others hold the legs against each other alone, whatever the push said."""
    wrong = [stroke(BY_PUSH, 1.1)] * STROKES
    silent = [replace(one, place_m=np.full(150, np.nan)) for one in wrong]
    assert way(fitted(stroke(BY_SENSOR), *wrong)) == way(fitted(stroke(BY_SENSOR), *silent))
    unheard = replace(stroke(BY_SENSOR), place_m=np.full(150, np.nan))
    assert way(fitted(unheard, *wrong)) > 1.03 * way(fitted(unheard, *silent))
