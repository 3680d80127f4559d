"""How often lifters said that a cue was right, per machine and kind: below some 70 % an aid is worse than none.

The counts outlast a restart, in the state folder. They say nothing of faults that nobody was told of.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeAlias

import msgspec

from edge.events import Kind

FILE = "precision.json"


class Count(msgspec.Struct):
    """Of one kind of fault on one machine."""

    right: int = 0
    wrong: int = 0


Counts: TypeAlias = dict[str, dict[str, Count]]


class Precision:
    """Machine -> kind -> what was said. changed: there is something to write."""

    def __init__(self, counts: Counts | None = None) -> None:
        self._counts: Counts = counts or {}
        self.changed = False

    def note(self, machine: str, kind: Kind, *, right: bool) -> None:
        """A lifter answered."""
        count = self._counts.setdefault(machine, {}).setdefault(kind, Count())
        count.right += right
        count.wrong += not right
        self.changed = True

    def of(self, machine: str) -> dict[str, dict[str, float | int]]:
        """For health: kind -> how many answered, and the share that said right."""
        counts = self._counts.get(machine, {})
        answers = {kind: count.right + count.wrong for kind, count in counts.items()}
        return {k: {"answers": n, "right_share": round(counts[k].right / n, 3)} for k, n in answers.items()}

    def save(self, folder: Path) -> None:
        """Write the counts. OSError: the disk refuses."""
        draft = folder / (FILE + ".new")
        draft.write_text(json.dumps(msgspec.to_builtins(self._counts), indent=1) + "\n", "utf-8")
        draft.replace(folder / FILE)
        self.changed = False


def load_precision(folder: Path | None) -> Precision:
    """The counts of earlier starts; none where there is no readable file."""
    if folder is None:
        return Precision()
    try:
        return Precision(msgspec.json.decode((folder / FILE).read_bytes(), type=Counts))
    except (OSError, msgspec.DecodeError):
        return Precision()
