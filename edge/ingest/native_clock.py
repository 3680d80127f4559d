"""A node's clock as one rising number, from the low bits that batches carry.

A value of few bits stands for the full one that is nearest to where the clock must be by now: the last known value plus
the host time since. TIME_RSP carries all 64 bits and settles it whatever time has passed.
"""

from __future__ import annotations

from typing import Final

U32_US: Final = 1 << 32
U16_100US: Final = (1 << 16) * 100


JUMP_MAX_US: Final = 10_000_000
"""Beyond what any radio or host holds back; a clock that is so far from where it must be has stepped."""

BACK_MAX_US: Final = 1_000_000
"""Older than this, a 64-bit time is not a late answer: the clock has begun again."""


class DeviceClock:
    """Unwraps device times. The zero is the node's own where TIME_RSP came first, else that of the first low bits."""

    def __init__(self) -> None:
        self._known_us: int | None = None
        self._known_ns = 0
        self._modulus_us = U32_US
        self._shift_us: int | None = None

    def unwrap(self, low_us: int, modulus_us: int, t_ns: int) -> int | None:
        """The device time whose remainder by modulus_us is low_us, seen at t_ns. µs; None where it cannot be right."""
        low_us = (low_us - (self._shift_us or 0)) % modulus_us
        expected_us = self._expected_us(t_ns)
        if expected_us is None:
            full_us = low_us
            self._modulus_us = modulus_us
        else:
            turns = (expected_us - low_us + modulus_us // 2) // modulus_us
            full_us = low_us + max(0, turns) * modulus_us
            silent_us = expected_us - self._known_us if self._known_us is not None else 0
            if abs(full_us - expected_us) > JUMP_MAX_US + silent_us // 100:
                return None
        self._learn(full_us, t_ns)
        return full_us

    def anchor(self, full_us: int, t_ns: int) -> int:
        """Takes a 64-bit device time and gives it on our zero. µs."""
        if self._shift_us is None:
            expected_us = self._expected_us(t_ns)
            step_us = self._modulus_us
            self._shift_us = 0 if expected_us is None else (full_us - expected_us + step_us // 2) // step_us * step_us
        ours_us = full_us - self._shift_us
        self._learn(ours_us, t_ns)
        return ours_us

    def low_us(self, t_ns: int) -> int | None:
        """What the low 32 bits of the node's own clock read at t_ns; None where not known.

        It is behind by what the newest sample took to come: some tens of ms at most.
        """
        expected_us = self._expected_us(t_ns)
        if expected_us is None or (self._shift_us is None and self._modulus_us != U32_US):
            return None
        return (expected_us + (self._shift_us or 0)) % U32_US

    def has_begun_again(self, full_us: int) -> bool:
        """Whether a 64-bit device time is so far back that the node must have restarted."""
        return self._shift_us is not None and full_us - self._shift_us < (self._known_us or 0) - BACK_MAX_US

    def _expected_us(self, t_ns: int) -> int | None:
        return None if self._known_us is None else self._known_us + (t_ns - self._known_ns) // 1000

    def _learn(self, full_us: int, t_ns: int) -> None:
        if self._known_us is None or full_us > self._known_us:
            self._known_us, self._known_ns = full_us, t_ns
