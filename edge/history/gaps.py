"""The historian's word with the boxes: asks them for messages that are missing here, and confirms what is kept.

A replayed message comes wrapped, on the box's own topic; unwrapped it is kept as the one that was sent, once. What a
replay does not bring is gone at the box, or cannot be read: it is told in the log and asked for no more.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
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


class Gaps:
    """Of one historian; for its thread. known: box -> up to where everything is kept already. send: topic, payload."""

    def __init__(self, known: Mapping[BoxName, int], send: Send) -> None:
        self.numbers = Numbers(known)
        self._send = send
        self._asked: dict[str, tuple[BoxName, int, int]] = {}

    def take(self, arrival: Arrival) -> Arrival | None:
        """An arrival as it is to be kept: a replayed message unwrapped; None: the box's own word, and heard."""
        parts = arrival.topic.split("/")
        if len(parts) < 6 or "/".join(parts[:2]) != ROOT or parts[3] != "box":
            return arrival
        box, suffix, body = (parts[2], parts[4]), "/".join(parts[5:]), _object(arrival.payload)
        if suffix == "replay" and isinstance(body.get("message"), dict):
            payload = msgspec.json.encode(body["message"])
            return replace(arrival, topic=str(body.get("topic")), payload=payload, retained=False)
        if suffix == "cmd/replay/result":
            self._answered(body)
        outbox = body.get("outbox")
        newest = body.get("newest_seq", outbox.get("newest_seq") if isinstance(outbox, dict) else None)
        if suffix in ("status", "health") and isinstance(newest, int):
            self.numbers.told(box, newest)
        return None

    def ask(self) -> None:
        """Ask for what has been missing for a while."""
        now = read_clock()
        ts = datetime.fromtimestamp(now.utc_ns / 1e9, UTC).isoformat()
        for (gym, box), from_seq, to_seq in self.numbers.asks(now.mono_ns / 1e9):
            command_id = uuid.uuid4().hex
            self._asked = {key: one for key, one in self._asked.items() if one[0] != (gym, box)}
            self._asked[command_id] = ((gym, box), from_seq, to_seq)
            body = {"id": command_id, "ts": ts, "from_seq": from_seq, "to_seq": to_seq}
            self._send(f"{ROOT}/{gym}/box/{box}/cmd/replay", msgspec.json.encode(body))

    def confirm(self, note: Callable[[BoxName, int], None]) -> None:
        """Confirm what is complete; note: keeps it, before the box is told."""
        for (gym, box), upto in self.numbers.confirms():
            note((gym, box), upto)
            self._send(f"{ROOT}/{gym}/box/{box}/confirm", msgspec.json.encode({"upto_seq": upto}))

    def _answered(self, body: dict[str, Any]) -> None:
        asked = self._asked.pop(str(body.get("command_id")), None)
        if asked is None or body.get("ok") is not True:
            return
        box, from_seq, to_seq = asked
        lost = [seq for seq in range(from_seq, to_seq + 1) if not self._is_here(box, seq)]
        if lost:
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
