"""Which numbers of which box's outbox are here: what to ask for again, and up to where to confirm. Pure.

Every message of the outbox carries its box and a number without holes. A hole, or a box that says it is further on, is
asked for; and up to where nothing is missing it is confirmed, so that the box may forget.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

BoxName: TypeAlias = tuple[str, str]
"""Gym and box."""

ASK_AFTER_S = 2.0
"""A back-log arrives out of order beside live messages: a hole is asked for only when it has stayed so long."""

ASK_AGAIN_S = 5.0
"""A replay that brought nothing, as when the broker went away meanwhile, is asked for again."""

ASK_MAX = 2000
"""Numbers asked for at a time: some seconds of a replay, which goes at the pace of a back-log."""


@dataclass(slots=True)
class Received:
    """Which numbers of one box are there. upto: all up to this one; beyond: those after the first hole."""

    upto: int = 0
    beyond: set[int] = field(default_factory=set)
    newest: int = 0
    hole_since_s: float | None = None
    asked_s: float | None = None
    confirmed: int = 0

    def add(self, seq: int) -> None:
        """This number is there now."""
        self.newest = max(self.newest, seq)
        if seq > self.upto:
            self.beyond.add(seq)
        while self.upto + 1 in self.beyond:
            self.upto += 1
            self.beyond.remove(self.upto)

    def hole(self) -> tuple[int, int] | None:
        """The first run of numbers that are not there, bounded, or None."""
        if self.upto >= self.newest:
            return None
        first = self.upto + 1
        last = min(self.beyond, default=self.newest + 1) - 1
        return first, min(last, first + ASK_MAX - 1)


class Numbers:
    """Feed it every number that is kept, and what boxes say of their newest; it says what to ask and to confirm."""

    def __init__(self, known: Mapping[BoxName, int] | None = None) -> None:
        """known: box -> up to which number everything is kept, from an earlier run."""
        self.boxes: dict[BoxName, Received] = {
            box: Received(upto=upto, newest=upto, confirmed=upto) for box, upto in (known or {}).items()
        }

    def add(self, box: BoxName, seq: int) -> None:
        """A message with this number is kept."""
        self.boxes.setdefault(box, Received()).add(seq)

    def told(self, box: BoxName, newest: int) -> None:
        """A box says which number it gave last."""
        one = self.boxes.setdefault(box, Received())
        one.newest = max(one.newest, newest)

    def gone(self, box: BoxName, from_seq: int, to_seq: int) -> None:
        """A replay of these has ended: what is still not here is lost, and asked for no more."""
        for seq in range(from_seq, to_seq + 1):
            self.add(box, seq)

    def asks(self, now_s: float) -> list[tuple[BoxName, int, int]]:
        """What to send as cmd/replay now: box, from, to."""
        asked = []
        for name, box in self.boxes.items():
            hole = box.hole()
            if hole is None:
                box.hole_since_s = box.asked_s = None
                continue
            box.hole_since_s = box.hole_since_s if box.hole_since_s is not None else now_s
            waited = now_s - box.hole_since_s >= ASK_AFTER_S
            if waited and (box.asked_s is None or now_s - box.asked_s >= ASK_AGAIN_S):
                box.asked_s = now_s
                asked.append((name, *hole))
        return asked

    def confirms(self) -> list[tuple[BoxName, int]]:
        """What to send on box/BOX/confirm now: box, upto_seq."""
        due = [(name, box.upto) for name, box in self.boxes.items() if box.upto > box.confirmed]
        for name, upto in due:
            self.boxes[name].confirmed = upto
        return due
