"""What every message carries around its body: who says it, when, and how fresh it is. Pure: time and chance come in.

A message is minted once, when the pipeline says it, and sealed when it is handed to the broker's client. The id stays
the same however often it is sent, so a consumer that has seen it may drop it.

`ts` is the UTC of the body's `t_s`; any other time in the body is on the same time line as `t_s`, so its UTC is
`ts + (onset_s - t_s)` and the like.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from edge.clock import Instant

VERSION = 1
LATE_AFTER_S = 5.0  # the contract's limit: what is older when sent says so, and nothing may buzz for it
RANDOM_BYTES = 10

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who speaks. box: the edge box; boot: opaque id of this start of the daemon, told apart from the one before."""

    box: str
    boot: str


@dataclass(frozen=True, slots=True)
class Minted:
    """A message with its identity. t_s: when it was decided, s, monotonic; fields: the payload but `late`, `sent_s`."""

    t_s: float
    fields: Body

    def age_s(self, now: Instant) -> float:
        """How long ago it was decided, s; never negative."""
        return max(0.0, now.mono_ns / 1e9 - self.t_s)


def uuid7(utc_ms: int, random: bytes) -> str:
    """A version 7 UUID: ms since 1970, then chance (10 bytes), so that ids sort by time."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"uuid7 needs {RANDOM_BYTES} random bytes, got {len(random)}")
    value = (utc_ms & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(random, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def utc_text(utc_ns: int) -> str:
    """ISO 8601 in UTC to the millisecond, e.g. 2025-11-20T10:18:05.123Z."""
    whole_ms, _ = divmod(utc_ns, 1_000_000)
    seconds, ms = divmod(whole_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"


def mint(body: Body, origin: Origin, now: Instant, random: bytes, seq: int | None = None) -> Minted:
    """Give a body its identity. body: with `type`, and `t_s` unless it speaks of now; seq: its number in the outbox."""
    t_s = float(body.get("t_s", now.mono_ns / 1e9))
    utc_ns = now.utc_ns_of(t_s)
    head: Body = {"v": VERSION, "id": uuid7(utc_ns // 1_000_000, random), "box": origin.box, "boot": origin.boot}
    if seq is not None:
        head["seq"] = seq
    head |= {"ts": utc_text(utc_ns), "clock": "synced" if now.synced else "unsynced"}
    return Minted(t_s, head | body)


def seal(minted: Minted, now: Instant) -> bytes:
    """The JSON to hand over now: with `sent_s` (on the time line of `t_s`) and `late`."""
    age_s = minted.age_s(now)
    sent_s = round(float(minted.fields.get("t_s", minted.t_s)) + age_s, 6)
    return msgspec.json.encode(minted.fields | {"late": age_s > LATE_AFTER_S, "sent_s": sent_s})
