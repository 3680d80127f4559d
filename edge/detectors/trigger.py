"""Hysteresis and hold: when a signal that crosses a line counts as a fault, and when that fault is over."""

from __future__ import annotations

from math import erf, sqrt


class Trigger:
    """Fires once when `value` has been beyond `on` for `hold_s`; ready again once back within `off` for `clear_s`.

    Beyond is below the line where on < off, above it where on > off.
    """

    def __init__(self, on: float, off: float, hold_s: float, clear_s: float) -> None:
        self.on, self.off = on, off
        self._sign = -1.0 if on < off else 1.0
        self._hold_s, self._clear_s = hold_s, clear_s
        self.active = False
        self.onset_s: float | None = None
        self._back_s: float | None = None

    def step(self, t_s: float, value: float) -> bool:
        """One reading; True at the instant the fault is certain."""
        sign = self._sign
        if self.active:
            if sign * value < sign * self.off:
                if self._back_s is None:
                    self._back_s = t_s
                if t_s - self._back_s >= self._clear_s:
                    self.reset()
            else:
                self._back_s = None
            return False
        if sign * value <= sign * self.on:
            self.onset_s = None
            return False
        if self.onset_s is None:
            self.onset_s = t_s
        if t_s - self.onset_s < self._hold_s - 1e-9:
            return False
        self.active = True
        self._back_s = None
        return True

    def reset(self) -> None:
        """Forget: the signal was lost, or nothing is judged at present."""
        self.active = False
        self.onset_s = self._back_s = None


def confidence(value: float, line: float, sd: float) -> float:
    """How likely it is (0 to 1) that the true value lies beyond the line, with a normal error of `sd`."""
    if sd <= 0.0:
        return 1.0
    return 0.5 * (1.0 + erf(abs(value - line) / (sd * sqrt(2.0))))
