"""Payloads that are no events: the envelope around all of them, and what the box says and hears of itself. Types only.

Every other payload is an event of `edge/events.py` or a command of `edge/commands.py`; `schemas.py` makes JSON Schemas
of all three.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Seq = Annotated[int, Meta(ge=1)]


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in every message of a box, beside its body.

    id: UUIDv7, minted once and the same however often the message is sent: drop what you have seen. boot: names this
    start of the daemon. ts: UTC of t_s. late: sent more than 5 s after it was decided. sent_s: handed to the broker's
    client, on the time line of t_s.
    """

    v: Literal[1]
    id: Annotated[str, Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
    box: Annotated[str, Meta(pattern="^[a-z0-9_-]+$")]
    boot: str
    ts: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    clock: Literal["synced", "unsynced"]
    late: bool
    sent_s: float


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in messages of the outbox too. seq: 1, 2, … of this box, without holes; a hole is a lost message."""

    seq: Seq


class Status(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="status"):
    """Whether the box is there; `offline` also as its will. newest_seq: the last number that it gave.

    outbox_id: whose numbers they are. Under another id they begin anew; null: they do so at every start of the box, and
    there is nothing to ask for again.
    """

    status: Literal["online", "stopping", "offline"]
    newest_seq: int
    outbox_id: str | None


class BrokerHealth(msgspec.Struct, frozen=True, kw_only=True):
    """The connection to the broker. connects: how often it was made; problem: what is wrong and what to do."""

    address: str
    connected: bool
    mqtt: Literal["5.0", "3.1.1"] | None
    connects: int
    problem: str | None
    round_trip_ms: float | None


class OutboxHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for the broker. dropped: given up for want of room; problem: why it is less safe than it should be.

    id: the outbox_id of `status`.
    """

    depth: int
    oldest_s: float | None
    dropped: int
    problem: str | None
    id: str | None
    newest_seq: int


class Health(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="health"):
    """How the box is, every few seconds. machines: per machine what failed, and per link its problem and counters."""

    version: str
    uptime_s: float
    loop_lag_ms_max: float
    machines: dict[str, dict[str, Any]]
    broker: BrokerHealth
    outbox: OutboxHealth
    delivered: int
    refused: int
    alerts_too_old: int
    stream_dropped: int


class Replayed(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="replay"):
    """A message of the history that a consumer asked for, as it was sent on its topic, with its id and seq."""

    topic: str
    message: dict[str, Any]


class Assistance(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="assistance"):
    """Somebody at this machine asks for assistance; no word of who or why. Said by the pages, for the gym's staff."""

    v: Literal[1]
    ts: str
    machine: Annotated[str, Meta(pattern="^[a-z0-9_-]+$")]


class Confirm(msgspec.Struct, frozen=True, kw_only=True):
    """The historian has stored everything up to this number: the box need not keep it any longer."""

    upto_seq: Seq
