"""How often one caller may try something: a bucket per name that refills. Pure: the time is given."""

from __future__ import annotations

NAMES_MAX = 10_000
"""Callers remembered; full buckets are forgotten, since they tell nothing."""


class Limit:
    """At most `burst` at once and `per_s` on average, per name."""

    def __init__(self, burst: int, per_s: float) -> None:
        self._burst, self._per_s = float(burst), per_s
        self._left: dict[str, tuple[float, float]] = {}

    def allows(self, name: str, now_s: float) -> bool:
        """Whether this one more is allowed; it is then counted."""
        left, since_s = self._left.get(name, (self._burst, now_s))
        left = min(self._burst, left + (now_s - since_s) * self._per_s)
        if left < 1.0:
            return False
        if len(self._left) >= NAMES_MAX and name not in self._left:
            self._forget(now_s)
        self._left[name] = (left - 1.0, now_s)
        return True

    def _forget(self, now_s: float) -> None:
        full = [n for n, (left, at_s) in self._left.items() if left + (now_s - at_s) * self._per_s >= self._burst]
        for name in full or list(self._left)[: NAMES_MAX // 2]:
            del self._left[name]
