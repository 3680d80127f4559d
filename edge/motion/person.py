"""What is the lifter's own in a fitted chain: how a known body is the prior of a session, and what it is after it.

Of a knee's soft tissue a part is the lifter's flesh, the same every time, and a part how the straps were put on. Were
it taken to be new every time, a few sessions would seem to tell the legs' lengths from it, which they cannot: so the
lifter's part is an unknown of its own, handed on with the lengths and with all that sessions leave open between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

import msgspec
import numpy as np

from edge.motion.known_body import KnownBody, changed
from edge.motion.own_straight import Told
from edge.samples import FloatArray

STRAPS_ALIKE_SD_DEG, STRAPS_APART_SD_DEG = 1.4, 0.8
"""What of soft tissue's turn over 90° comes of this session's straps: alike on both legs, and on each."""
EACH_SESSION_SD: Final = np.array([0.001, 0.001, 0.0005, 0.3])
"""What may have changed until the next session, or was not as the fit takes it to be: thigh, shank, left leg's surplus
(m), tissue (deg). How a lifter sits and where the feet stand differ by it, and flesh grows."""
TOLD: Final = 0.99
"""A session has told of a body once some spread is below that share of its prior."""
CONTRADICTED: Final = 4.0
"""Logarithm of how much likelier, by height alone, the strokes must be than by the known body for it to be somebody
else's. One lifter in some fifty may press under another one's name, or was measured wrongly: then one is as likely as
the other. Since straps can pass for legs, it takes legs that differ by a seventh."""
SLOPES: Final = [1, 4]
"""The places of left's and right's soft tissue among the unknowns of the chain."""
PERSON: Final = [6, 7, 10, 11]
"""The places of thigh, shank, left leg's surplus, and of the lifter's own tissue, which is one more."""
RELATIVE: Final = np.array([1.0, 1.0, 0.0, 0.0])
"""Thigh and shank are unknown by how much they differ from what is expected."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Of a chain's unknowns and of the lifter's tissue: mean (12,) and covariance (12, 12)."""

    mean: FloatArray
    spread: FloatArray

    def precision(self) -> FloatArray:
        """(11, 11) of the chain's unknowns."""
        return np.asarray(np.linalg.inv(self.spread[:11, :11]), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Word:
    """What the strokes themselves say of the chain's unknowns: of weight @ x = pull. weight (11, 11), pull (11,)."""

    weight: FloatArray
    pull: FloatArray


def prior_of(known: KnownBody, sd: FloatArray, lengths_m: tuple[float, float]) -> Prior:
    """The prior with a known body. sd: (11,) of what begins anew; lengths_m: thigh and shank that the chain's are
    relative to.
    """
    unit = np.array([*lengths_m, 1.0, 1.0])
    person = known.spread() / np.outer(unit, unit)
    spread = np.diag(np.append(sd, 0.0) ** 2)
    spread[np.ix_(PERSON, PERSON)] = person
    spread[np.ix_(SLOPES, SLOPES)] = person[3, 3] + STRAPS_ALIKE_SD_DEG**2 + STRAPS_APART_SD_DEG**2 * np.eye(2)
    for slope in SLOPES:
        spread[slope, PERSON] = spread[PERSON, slope] = person[3]
    mean = np.zeros(12)
    mean[SLOPES] = known.tissue_deg
    mean[PERSON] = known.values() / unit - RELATIVE
    return Prior(mean, spread)


def _joined(prior: Prior, word: Word) -> tuple[FloatArray, FloatArray, float]:
    """(12,) mean and (12, 12) covariance after the strokes, and the logarithm of how likely they were, any zero."""
    before = np.linalg.inv(prior.spread)
    weight, pull = before.copy(), before @ prior.mean
    likely = float(prior.mean @ pull)
    weight[:11, :11] += word.weight
    pull[:11] += word.pull
    spread = np.linalg.inv(weight)
    mean = spread @ pull
    likely = 0.5 * float(mean @ pull - likely + np.linalg.slogdet(before)[1] - np.linalg.slogdet(weight)[1])
    return mean, np.asarray(spread, dtype=np.float64), likely


def contradicts(prior: Prior, other: Prior, word: Word) -> bool:
    """Whether the strokes speak clearly for the other prior; both of the same lengths' units."""
    return _joined(other, word)[2] - _joined(prior, word)[2] > CONTRADICTED


def after(
    known: KnownBody, prior: Prior, word: Word, lengths_m: tuple[float, float], straight: Told | None
) -> KnownBody | None:
    """What is known of the lifter after this session's strokes, for the next one; None: nothing was learned, or what
    came out is no leg. prior: of `known`, and lengths_m, as for `prior_of`; straight: what all sessions tell of it.
    """
    mean, spread, _ = _joined(prior, word)
    first, left = np.diag(prior.spread)[PERSON], np.diag(spread)[PERSON]
    if not bool((left < TOLD**2 * first).any()):
        return None
    unit = np.array([*lengths_m, 1.0, 1.0])
    carried = spread[np.ix_(PERSON, PERSON)] * np.outer(unit, unit) + np.diag(EACH_SESSION_SD**2)
    other = {"straight_deg": straight[0], "straight_sd_deg": sqrt(straight[1])} if straight is not None else {}
    try:
        return changed(known, unit * (RELATIVE + mean[PERSON]), carried, sessions=known.sessions + 1, **other)
    except msgspec.ValidationError:
        return None
