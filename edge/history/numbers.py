"""Which numbers of which box's outbox are here: what to ask for again, and up to where to confirm. Pure.

Every message of the outbox carries its box and a number without holes. A hole, or a box that says it is further on, is
asked for; and up to where nothing is missing it is confirmed, so that the box may forget. The numbers are of one
outbox file: under another id they begin anew, and a box that keeps none on disk is asked for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import TypeAlias

BoxName: TypeAlias = tuple[str, str]
"""Gym and box."""

ASK_AFTER_S = 2.0
"""A back-log arrives out of order beside live messages: a hole is asked for only when it has stayed so long."""

ANSWER_WITHIN_S = 60.0
"""A replay of the most that is asked for takes some seconds, behind others' a minute; its answer may be lost too."""

ASK_AGAIN_S = 5.0
"""After a refusal, or when the box was away meanwhile: others may have been before us."""

ASK_MAX = 2000
"""Numbers asked for at a time: some seconds of a replay, which goes at the pace of a back-log."""


@dataclass(slots=True)
class Received:
    """Which numbers of one outbox are there. upto: all up to this one; beyond: those after the first hole.

    outbox: its id, "" where the box keeps none on disk, None where it has not said.
    """

    upto: int = 0
    beyond: set[int] = field(default_factory=set)
    newest: int = 0
    hole_since_s: float | None = None
    ask_from_s: float = -inf
    confirmed: int = 0
    outbox: str | None = None

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

    def __init__(self, known: Mapping[BoxName, tuple[int, str | None]] | None = None) -> None:
        """known: box -> up to which number everything of which outbox is kept, from an earlier run."""
        self.boxes: dict[BoxName, Received] = {
            box: Received(upto=upto, newest=upto, confirmed=upto, outbox=outbox)
            for box, (upto, outbox) in (known or {}).items()
        }

    def add(self, box: BoxName, seq: int) -> None:
        """A message with this number is kept."""
        self.boxes.setdefault(box, Received()).add(seq)

    def told(self, box: BoxName, newest: int, outbox: str | None = None) -> bool:
        """A box says which number it gave last, and of which outbox; True where that is another than before."""
        one = self.boxes.setdefault(box, Received())
        another = outbox is not None and outbox != one.outbox and (one.outbox is not None or newest < one.upto)
        if another:
            one = self.boxes[box] = Received()
        one.outbox = one.outbox if outbox is None else outbox
        one.newest = max(one.newest, newest)
        return another

    def gone(self, box: BoxName, from_seq: int, to_seq: int) -> None:
        """A replay of these has ended: what is still not here is lost, and asked for no more."""
        for seq in range(from_seq, to_seq + 1):
            self.add(box, seq)

    def asks(self, now_s: float) -> list[tuple[BoxName, int, int]]:
        """What to send as cmd/replay now: box, from, to. Nothing more of a box before it has `answered`."""
        asked = []
        for name, box in self.boxes.items():
            hole = box.hole() if box.outbox != "" else None
            if hole is None:
                box.hole_since_s = None
                continue
            box.hole_since_s = box.hole_since_s if box.hole_since_s is not None else now_s
            if now_s - box.hole_since_s >= ASK_AFTER_S and now_s >= box.ask_from_s:
                box.ask_from_s = now_s + ANSWER_WITHIN_S
                asked.append((name, *hole))
        return asked

    def answered(self, box: BoxName, now_s: float, *, ok: bool) -> None:
        """What was asked for has come, as far as it is there; or, not ok, it has not, and is to be asked for again."""
        one = self.boxes[box]
        one.ask_from_s = now_s if ok else min(one.ask_from_s, now_s + ASK_AGAIN_S)

    def confirms(self) -> list[tuple[BoxName, int]]:
        """What to send on box/BOX/confirm now: box, upto_seq."""
        due = [(name, one.upto) for name, one in self.boxes.items() if one.upto > one.confirmed and one.outbox != ""]
        for name, upto in due:
            self.boxes[name].confirmed = upto
        return due
