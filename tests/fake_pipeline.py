"""A pipeline that judges nothing: it tells each arrival's mark on the next 10 ms grid step, and says hello once."""

from __future__ import annotations

import math

from edge.commands import Command
from edge.events import AnyEvent, Notice, Send
from edge.samples import Samples

STEP_NS = 10_000_000


class FakePipeline:
    """The pipeline's doors, with the property that matters: how often `advance` is called changes nothing."""

    def __init__(self) -> None:
        self.now_ns = -1
        self._waiting: list[tuple[int, str]] = []
        self._rows: list[tuple[float, ...]] = []
        self._greeted = False

    def accept(self, t_ns: int, samples: Samples) -> None:
        self._waiting.append((t_ns, f"{samples.role} {len(samples.device_us)}"))

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        self._waiting.append((t_ns, f"{link} in {data.hex()}"))

    def battery(self, link: str, t_ns: int, pct: int) -> None:
        self._waiting.append((t_ns, f"{link} battery {pct}"))

    def command(self, t_ns: int, command: Command) -> None:
        self._waiting.append((t_ns, f"command {command.id}"))

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        self._waiting.append((t_ns, f"{link} sent {seq}"))

    def advance(self, t_ns: int) -> tuple[list[AnyEvent], list[Send]]:
        assert t_ns >= self.now_ns
        events: list[AnyEvent] = []
        sends: list[Send] = []
        grid_ns = (max(self.now_ns, 0) // STEP_NS + 1) * STEP_NS if self.now_ns >= 0 else t_ns // STEP_NS * STEP_NS
        while grid_ns <= t_ns:
            due = [text for at_ns, text in self._waiting if at_ns <= grid_ns]
            self._waiting = self._waiting[len(due) :]
            events += [Notice(t_s=grid_ns / 1e9, what="arrival", severity="S0", text=text) for text in due]
            if any(" in " in text for text in due) and not self._greeted:
                self._greeted = True
                sends.append(Send(link=due[0].split()[0], data=b"hello", seq=1))
            self._rows.append((grid_ns / 1e9, 0.5, *[math.nan] * 7))
            grid_ns += STEP_NS
        self.now_ns = max(self.now_ns, t_ns)
        return events, sends

    def end(self) -> list[AnyEvent]:
        return [Notice(t_s=self.now_ns / 1e9, what="end", severity="S0", text=text) for _, text in self._waiting]

    def counters(self) -> dict[str, dict[str, int]]:
        return {"hub": {"damaged": 2}}

    def due_ns(self) -> int:
        return (self.now_ns // STEP_NS + 1) * STEP_NS

    def take_signals(self) -> list[tuple[float, ...]]:
        rows, self._rows = self._rows, []
        return rows
