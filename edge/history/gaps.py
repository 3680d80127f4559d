"""The historian's word with the boxes: asks them for messages that are missing here, and confirms what is kept.

A replayed message comes wrapped, on the box's own topic; unwrapped it is kept as the one that was sent, once. What a
replay does not bring is gone at the box, or cannot be read: it is told in the log and asked for no more.

What is heard counts in the order in which it came, and only once what came before it is kept: `take` it, keep the
batch, `settle`.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from edge.clock import read_clock
from edge.history.numbers import BoxName, Numbers
from edge.history.received import ROOT
from edge.history.subscription import Arrival

OUTBOX = ("rep", "set", "event")
"""Topics of a machine whose messages are numbered."""
Send = Callable[[str, bytes], None]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Word:
    """Something that a box said of itself. suffix: below its own topic."""

    box: BoxName
    suffix: str
    body: dict[str, Any]


class Gaps:
    """Of one historian; for its thread. known: box -> up to where everything of which outbox is kept already.

    send: topic, payload. confirms: whether boxes are told what is kept.
    """

    def __init__(self, known: Mapping[BoxName, tuple[int, str | None]], send: Send, *, confirms: bool = False) -> None:
        self.numbers = Numbers(known)
        self._send, self._confirms = send, confirms
        self._asked: dict[str, tuple[BoxName, int, int]] = {}
        self._heard: list[tuple[BoxName, int] | Word] = []

    def take(self, arrival: Arrival) -> Arrival | None:
        """An arrival as it is to be kept: a replayed message unwrapped; None: the box's own word, and heard."""
        parts = arrival.topic.split("/")
        if len(parts) < 6 or "/".join(parts[:2]) != ROOT or parts[3] != "box":
            return self._noted(arrival)
        suffix, body = "/".join(parts[5:]), _object(arrival.payload)
        if suffix == "replay" and isinstance(body.get("message"), dict):
            payload = msgspec.json.encode(body["message"])
            return self._noted(replace(arrival, topic=str(body.get("topic")), payload=payload, retained=False))
        if suffix in ("status", "health", "cmd/replay/result"):
            self._heard.append(Word((parts[2], parts[4]), suffix, body))
        return None

    def _noted(self, arrival: Arrival) -> Arrival:
        if (number := number_of(arrival)) is not None:
            self._heard.append(number)
        return arrival

    def settle(self) -> None:
        """What was taken is kept: let it count."""
        heard, self._heard = self._heard, []
        for one in heard:
            if not isinstance(one, Word):
                self.numbers.add(*one)
            elif one.suffix == "cmd/replay/result":
                self._answered(one.body)
            else:
                self._told(one)

    def ask(self) -> None:
        """Ask for what has been missing for a while."""
        now = read_clock()
        ts = datetime.fromtimestamp(now.utc_ns / 1e9, UTC).isoformat()
        for (gym, box), from_seq, to_seq in self.numbers.asks(now.mono_ns / 1e9):
            command_id = uuid.uuid4().hex
            self._forget_asked((gym, box))
            self._asked[command_id] = ((gym, box), from_seq, to_seq)
            body = {"id": command_id, "ts": ts, "from_seq": from_seq, "to_seq": to_seq}
            self._send(f"{ROOT}/{gym}/box/{box}/cmd/replay", msgspec.json.encode(body))

    def confirm(self, note: Callable[[BoxName, int, str | None], None]) -> None:
        """Note what is complete, and of which outbox; then, where this historian confirms, tell the box."""
        for (gym, box), upto in self.numbers.confirms():
            note((gym, box), upto, self.numbers.boxes[gym, box].outbox)
            if self._confirms:
                self._send(f"{ROOT}/{gym}/box/{box}/confirm", msgspec.json.encode({"upto_seq": upto}))

    def _told(self, word: Word) -> None:
        """How far the box is, and of which outbox it speaks: in its health together, in its status side by side."""
        said = word.body.get("outbox") if word.suffix == "health" else word.body
        if not isinstance(said, dict) or not isinstance(newest := said.get("newest_seq"), int):
            return
        outbox = said.get("id" if word.suffix == "health" else "outbox_id", False)  # earlier releases do not say
        known = outbox if isinstance(outbox, str) else "" if outbox is None else None
        if self.numbers.told(word.box, newest, known):
            log.info("%s/%s has a new outbox: its numbers begin anew", *word.box)
            self._forget_asked(word.box)
        elif word.suffix == "status" and word.body.get("status") == "online":  # what it was asked before may be lost
            self.numbers.answered(word.box, read_clock().mono_ns / 1e9, ok=False)

    def _forget_asked(self, box: BoxName) -> None:
        self._asked = {key: one for key, one in self._asked.items() if one[0] != box}

    def _answered(self, body: dict[str, Any]) -> None:
        asked = self._asked.pop(str(body.get("command_id")), None)
        if asked is None:
            return
        box, from_seq, to_seq = asked
        ok = body.get("ok") is True
        self.numbers.answered(box, read_clock().mono_ns / 1e9, ok=ok)
        lost = [seq for seq in range(from_seq, to_seq + 1) if not self._is_here(box, seq)]
        if ok and lost:
            log.warning("%s/%s has %d messages of %d to %d no more", *box, len(lost), from_seq, to_seq)
            self.numbers.gone(box, from_seq, to_seq)

    def _is_here(self, box: BoxName, seq: int) -> bool:
        one = self.numbers.boxes[box]
        return seq <= one.upto or seq in one.beyond


def number_of(arrival: Arrival) -> tuple[BoxName, int] | None:
    """Whose number a message has, and which; None where it is none of an outbox. Kept or not, it has arrived."""
    parts = arrival.topic.split("/")
    if len(parts) != 6 or parts[5] not in OUTBOX:
        return None
    body = _object(arrival.payload)
    box, seq = body.get("box"), body.get("seq")
    return ((parts[2], box), seq) if isinstance(box, str) and isinstance(seq, int) and seq > 0 else None


def _object(payload: bytes) -> dict[str, Any]:
    """The JSON object in it; empty where there is none: what is damaged says nothing."""
    try:
        value = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
