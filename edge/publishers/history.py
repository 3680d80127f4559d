"""What a historian does with the messages of the outbox, whoever it is and wherever it keeps them. Pure.

Every message carries its box and a number without holes. A historian keeps each once, by its id; a hole, or a box that
says it is further on, is asked for again; and up to where nothing is missing it confirms, so that the box may forget.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

ASK_AFTER_S = 2.0
"""A back-log arrives out of order beside live messages: a hole is asked for only when it has stayed so long."""

ASK_AGAIN_S = 5.0
"""A replay that brought nothing, as when the broker went away meanwhile, is asked for again."""

ASK_MAX = 2000
"""Numbers asked for at a time: some seconds of a replay, which goes at the pace of a back-log."""


class Keeps(Protocol):
    """Where messages are kept."""

    def keep(self, box: str, seq: int, payload: dict[str, Any]) -> None:
        """Keep it, durably, before returning; an id that is there already changes nothing."""


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


class Historian:
    """Feed it every message of the boxes; it says what to ask them and what to confirm."""

    def __init__(self, store: Keeps, known: dict[str, int] | None = None) -> None:
        """known: box -> up to which number the store has everything, from an earlier run."""
        self._store = store
        self.boxes: dict[str, Received] = {
            box: Received(upto=upto, newest=upto, confirmed=upto) for box, upto in (known or {}).items()
        }

    def take(self, payload: dict[str, Any]) -> None:
        """A message as it came: of the outbox, a replayed one, or a status or health that names the newest number."""
        if payload.get("type") == "replay":
            payload = payload["message"]
        box = self.boxes.setdefault(str(payload["box"]), Received())
        if isinstance(seq := payload.get("seq"), int):
            self._store.keep(str(payload["box"]), seq, payload)
            box.add(seq)
        told = payload.get("newest_seq", payload.get("outbox", {}).get("newest_seq", 0))
        box.newest = max(box.newest, int(told))

    def gone(self, box: str, from_seq: int, to_seq: int) -> None:
        """The box has told that it has none of these any more: they are lost, and asked for no more."""
        for seq in range(from_seq, to_seq + 1):
            self.boxes[box].add(seq)

    def asks(self, now_s: float) -> list[tuple[str, int, int]]:
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

    def confirms(self) -> list[tuple[str, int]]:
        """What to send on box/BOX/confirm now: box, upto_seq."""
        due = [(name, box.upto) for name, box in self.boxes.items() if box.upto > box.confirmed]
        for name, upto in due:
            self.boxes[name].confirmed = upto
        return due
