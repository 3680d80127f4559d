"""Writes MCAP, which Foxglove and PlotJuggler open: what was recorded of a session beside the events that came of it.

`bytes/{link}/in` and `/out` hold what went over a line, as it was, so that the file replays to what was said live.
`samples/{role}` hold samples, one JSON message each, for a session that was recorded as samples: `t_us`, `host_us` and
SI values, as in the folder format. `events/{type}` hold the events as JSON. All JSON has its schema beside it, for
plots. Times are UTC where it is known; what a replay needs, and the step back to the session's own time line, is in the
metadata. A message's time is when it came; of samples that came together, the last one's is, and those before it stand
as much earlier as their node's clock says, so that a curve has no steps.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, BinaryIO

import msgspec

from edge.errors import SledguardError
from edge.events import AnyEvent
from edge.samples import Role
from edge.sources.arrivals import Rows
from edge.sources.byte_log import LogEntry
from edge.sources.recording import columns_of
from edge.sources.sample_table import TIME_COLUMNS

METADATA, BYTES, JSON = "sledguard", "application/octet-stream", "json"
EVENT_SCHEMA = "jsonschema"
CHUNK_BYTES = 1 << 17  # what a power cut may cost of a file under way: some seconds of a fully instrumented machine
BATCH_MAX_US = 5_000_000  # samples of one arrival span less; a longer step back is a clock that began again


class Channels:
    """Channels of a file under way, made when first needed. offset_ns: from the session's time line to UTC.

    SledguardError: the mcap package is not there.
    """

    def __init__(self, file: BinaryIO, about: dict[str, Any], offset_ns: int) -> None:
        need_mcap()
        from mcap.writer import Writer  # noqa: PLC0415 - an extra

        self._writer: Any = Writer(file, chunk_size=CHUNK_BYTES)
        self._writer.start(profile="", library="sledguard")
        self._writer.add_metadata(METADATA, {"about": json.dumps(about), "offset_ns": str(offset_ns)})
        self._offset_ns = offset_ns
        self._ids: dict[str, int] = {}
        self.count = 0

    def attach(self, name: str, data: bytes) -> None:
        """Put a file in, as it is."""
        self._writer.add_attachment(0, 0, name, "application/octet-stream", data)

    def open_role(self, role: Role) -> int:
        """The channel of a sensor's samples."""
        if (topic := f"samples/{role}") not in self._ids:
            self._ids[topic] = self._json_channel(topic, f"samples.{role}", _row_schema(columns_of(role)))
        return self._ids[topic]

    def write_entry(self, entry: LogEntry) -> None:
        """Append what went over a line."""
        topic = f"bytes/{entry.link}/{entry.direction.name.lower()}"
        if topic not in self._ids:
            self._ids[topic] = self._writer.register_channel(topic, BYTES, 0)
        self._add(self._ids[topic], entry.t_ns, entry.data, entry.seq)

    def write_rows(self, rows: Rows) -> None:
        """Append samples that came together."""
        channel, names = self.open_role(rows.role), (*TIME_COLUMNS, *columns_of(rows.role))
        device_us = rows.device_us.tolist()
        for t_us, values in zip(device_us, rows.values.tolist(), strict=True):
            back_us = device_us[-1] - t_us
            taken_us = rows.host_us - (back_us if 0 <= back_us <= BATCH_MAX_US else 0)
            row = dict(zip(names, (t_us, rows.host_us, *values), strict=True))
            self._add(channel, max(taken_us, 0) * 1000, msgspec.json.encode(row), 0)

    def write_events(self, events: Iterable[AnyEvent]) -> None:
        """Append what came of it."""
        for event in events:
            topic = f"events/{event.__struct_config__.tag}"
            if topic not in self._ids:
                schema = msgspec.json.schema(type(event))
                self._ids[topic] = self._json_channel(topic, type(event).__name__, schema)
            self._add(self._ids[topic], round(event.t_s * 1e9), msgspec.json.encode(event), 0)

    def finish(self) -> None:
        """Write the index; the file is whole then."""
        self._writer.finish()

    def _json_channel(self, topic: str, name: str, schema: dict[str, Any]) -> int:
        schema_id = self._writer.register_schema(f"sledguard.{name}", EVENT_SCHEMA, msgspec.json.encode(schema))
        return int(self._writer.register_channel(topic, JSON, schema_id))

    def _add(self, channel: int, t_ns: int, data: bytes, sequence: int) -> None:
        at_ns = t_ns + self._offset_ns
        self._writer.add_message(channel, at_ns, data, at_ns, sequence)
        self.count += 1


def _row_schema(columns: tuple[str, ...]) -> dict[str, Any]:
    kinds = dict.fromkeys(TIME_COLUMNS, "integer") | dict.fromkeys(columns, "number")
    properties = {name: {"type": kind} for name, kind in kinds.items()}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def need_mcap() -> None:
    """SledguardError: the mcap package is not there."""
    try:
        import mcap.reader  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise SledguardError(
            "MCAP needs a package of its own; install it with: pip install 'sledguard[mcap]'"
        ) from error
