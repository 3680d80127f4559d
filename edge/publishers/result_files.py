"""What `analyze` leaves behind for one recording: events.jsonl and signals.csv.

`events.jsonl` holds every message that the daemon would have published, in order, without the envelope that only a
live box can give. `signals.csv` holds the live estimates; an empty field is a value that was not known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from edge.errors import SledguardError
from edge.events import AnyEvent
from edge.publishers.messages import MachineMessages

SIGNAL_COLUMNS = (
    "t_s",
    "sled_position_m",
    "left_knee_flexion_deg",
    "right_knee_flexion_deg",
    "left_knee_medial_mm",
    "right_knee_medial_mm",
    "posterior_tilt_deg",
    "left_heel_share",
    "right_heel_share",
)


class ResultFiles:
    """Writes both files of one recording into a folder; a context manager."""

    def __init__(self, folder: Path, messages: MachineMessages) -> None:
        self._messages = messages
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._events = (folder / "events.jsonl").open("wb")
            self._signals = (folder / "signals.csv").open("w", encoding="ascii")
        except OSError as error:
            raise SledguardError(f"{folder}: cannot be written ({error.strerror}); choose another --out") from error
        self._signals.write(",".join(SIGNAL_COLUMNS) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._events.close()
        self._signals.close()

    def write_events(self, events: Iterable[AnyEvent]) -> None:
        """Append the messages of these events."""
        for event in events:
            for message in self._messages.of(event):
                line = {"topic": message.topic, "t_s": message.body["t_s"], "payload": message.body}
                self._events.write(msgspec.json.encode(line) + b"\n")

    def write_signals(self, rows: Iterable[tuple[float, ...]]) -> None:
        """Append rows of SIGNAL_COLUMNS; NaN where not known."""
        self._signals.writelines(
            f"{row[0]:.4f},{','.join('' if math.isnan(value) else f'{value:.5g}' for value in row[1:])}\n"
            for row in rows
        )
