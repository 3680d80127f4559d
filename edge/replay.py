"""`replay`: a recording or a byte log through the live pipeline, at its own pace or another, to the same outlets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.analysis import machine_name
from edge.clock import Instant, monotonic_ns, read_clock
from edge.daemon import Outlet
from edge.mcap_files import McapRecording, open_recorded
from edge.pipelines import logged_pipeline, recorded_pipeline
from edge.player import Step, play_bytes, play_samples
from edge.sources.recording import Recording

NEAR_S = 0.004  # shorter sleeps take a ms at least, each, which adds up when minutes are played in seconds


@dataclass(frozen=True, slots=True)
class Replay:
    """Something to play. notes: what is missing or odd about it; zero_s: where its time line begins."""

    machine: str
    notes: tuple[str, ...]
    zero_s: float
    steps: Iterator[Step]


def open_replay(path: Path) -> Replay:
    """A recording's folder, a byte log, or MCAP. SledguardError: it is none of them, or is damaged."""
    found = open_recorded(path)
    if isinstance(found, Recording | McapRecording):
        return _replay_samples(found)
    note = found.check()
    first = next(found.entries(), None)
    steps = play_bytes(logged_pipeline(found.about, path), found.entries())
    name = machine_name(str(found.about.get("machine", path.stem)))
    return Replay(name, (note,) if note else (), first.t_ns / 1e9 if first else 0.0, steps)


def _replay_samples(recording: Recording | McapRecording) -> Replay:
    end_ns = round(recording.duration_s * 1e9)
    steps = play_samples(recorded_pipeline(recording, keep_signals=False), recording.arrivals(), end_ns)
    return Replay(machine_name(recording.name), recording.notes, 0.0, steps)


class ReplayClock:
    """The time line of what is played, as a clock: `speed` seconds of it pass in one second."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._zero_ns: int | None = None
        self._began_ns = monotonic_ns()

    def start(self, t_ns: int) -> None:
        """The time line begins at t_ns, now."""
        self._zero_ns, self._began_ns = t_ns, monotonic_ns()

    def read(self) -> Instant:
        """Now, on the time line of what is played; UTC is today's."""
        now = read_clock()
        played_ns = round((now.mono_ns - self._began_ns) * self._speed)
        return Instant((self._zero_ns or 0) + played_ns, now.utc_ns, now.synced)

    def wait_s(self, t_ns: int) -> float:
        """How long until t_ns comes; not positive once it has."""
        return (t_ns - self.read().mono_ns) / 1e9 / self._speed


async def play(replay: Replay, clock: ReplayClock, outlets: Sequence[Outlet], stop: asyncio.Event) -> None:
    """Play to the end, or until stop is set."""
    started = False
    for step in replay.steps:
        if not started:
            clock.start(step.t_ns)
            started = True
        await _until(clock, step.t_ns, stop)
        if stop.is_set():
            return
        for event in step.events:
            for outlet in outlets:
                outlet.tell(replay.machine, event)


async def _until(clock: ReplayClock, t_ns: int, stop: asyncio.Event) -> None:
    """Sleep until t_ns is near or stop is set; gives way to others even when late."""
    wait_s = clock.wait_s(t_ns)
    if wait_s < NEAR_S:
        await asyncio.sleep(0)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await stop.wait()
