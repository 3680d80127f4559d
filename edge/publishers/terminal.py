"""The set, live, on a terminal: a screen that redraws where there is one, plain lines where output goes to a file."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live as RichLive
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.events import AnyEvent, Live, MachineState
from edge.publishers.terminal_state import MachineView, line_of, unseen

REDRAWS_PER_S = 8  # as fast as an eye follows numbers, at some 5 ms of work each
BAR_WIDTH = 30
PROBLEMS_MAX = 5  # lines; with all else of one machine, and where to listen, they fill 24 lines


log = logging.getLogger(__name__)


class Terminal(Protocol):
    """An outlet that is entered while it shows."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def tell(self, machine: str, event: AnyEvent) -> None:
        """See Outlet."""

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """See Outlet."""


def open_terminal(footer: str, zero_s: float = 0.0) -> Terminal:
    """A screen on a terminal, lines elsewhere. footer: where to listen; shown times count from zero_s."""
    console = Console()
    return Screen(console, footer, zero_s) if console.is_terminal else Lines(footer, zero_s)


class Lines:
    """One line per rep, alert and notice, and whenever what can be judged changes."""

    def __init__(self, footer: str, zero_s: float = 0.0, write: Callable[[str], object] | None = None) -> None:
        self._footer, self._zero_s = footer, zero_s
        self._write = write or _Output().write
        self._told: dict[str, tuple[str, ...]] = {}

    def __enter__(self) -> Self:
        self._write(self._footer)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def tell(self, machine: str, event: AnyEvent) -> None:
        """See Outlet."""
        if isinstance(event, MachineState):
            self._tell_state(machine, event)
        line = line_of(event, self._zero_s)
        if line is not None:
            self._write(f"{machine} {line}")

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """See Outlet."""
        self._write(f"{machine} link {link}: {problem or 'open'}")

    def _tell_state(self, machine: str, state: MachineState) -> None:
        before = self._told.get(machine, ())
        now = (f"{state.state}. {state.asks}" if state.asks else state.state, *(unseen(state) or ["all is assessed"]))
        self._told[machine] = now
        for line in now:
            if line not in before:
                self._write(f"{machine} {state.t_s - self._zero_s:8.2f} s  {line}")


class _Output:
    """Standard output, until it takes nothing more: a reader that went away, or a full disk, is no matter of ours."""

    def __init__(self) -> None:
        self._is_gone = False

    def write(self, text: str) -> None:
        """A line."""
        if self._is_gone:
            return
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except OSError as error:
            self._is_gone = True
            log.warning("standard output takes nothing more (%s); all else goes on", error.strerror)
            with contextlib.suppress(OSError):  # what is left in its buffer would be tried again at the end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Screen:
    """The whole terminal, redrawn by a thread of rich's so that drawing never holds up the event loop."""

    def __init__(self, console: Console, footer: str, zero_s: float = 0.0) -> None:
        self._console, self._footer, self._zero_s = console, footer, zero_s
        self._views: dict[str, MachineView] = {}
        self._live = RichLive(
            get_renderable=self._draw, console=console, refresh_per_second=REDRAWS_PER_S, transient=False
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def tell(self, machine: str, event: AnyEvent) -> None:
        """See Outlet."""
        view = self._view(machine)
        bells = view.bells
        view.take(event)
        if view.bells > bells:
            self._console.bell()

    def tell_link(self, machine: str, link: str, problem: str | None) -> None:
        """See Outlet."""
        self._view(machine).take_link(link, problem)

    def _view(self, machine: str) -> MachineView:
        if machine not in self._views:
            self._views = {**self._views, machine: MachineView(machine, self._zero_s)}
        return self._views[machine]

    def _draw(self) -> RenderableType:
        """Where to listen comes first: what finds no room is cut off below."""
        return Group(Text(self._footer, style="dim"), *(draw(view) for view in self._views.values()))


def draw(view: MachineView) -> RenderableType:
    """One machine as a panel."""
    cue = view.cue_now()
    banner = Text(f" {cue} ", style="bold white on red") if cue else Text("no cue", style="dim")
    parts: list[RenderableType] = [_headline(view), banner, Text(_sled_bar(view)), _angles(view.live)]
    problems = _problems(view)
    if problems:
        parts.append(_lines(problems, "yellow"))
    parts.append(_lines(view.latest, "dim"))
    return Panel(Group(*parts), title=view.name, title_align="left")


def _lines(lines: list[str], style: str) -> Text:
    """One row each: what is too long for the terminal is cut, so that the panel's height is known."""
    return Text("\n".join(lines), style=style, no_wrap=True, overflow="ellipsis")


def _headline(view: MachineView) -> RenderableType:
    doing = view.state.state if view.state else "no data yet"
    load = f"{view.state.load_kg:.0f} kg" if view.state and view.state.load_kg is not None else "load not known"
    faults = ", ".join(f"{name} {count}x" for name, count in view.faults.items()) or "none"
    phase = view.live.phase if view.live else "-"
    return Text.assemble(
        (f"{view.reps} reps", "bold green"),
        f"   set {view.set}   {doing}   ",
        (phase, "cyan"),
        f"   {load}   faults in this set: {faults}",
    )


def _sled_bar(view: MachineView) -> str:
    share = view.sled_share()
    if share is None:
        return "sled  not known"
    at = round(min(max(share, 0.0), 1.0) * (BAR_WIDTH - 1))
    speed = view.live.sled_velocity_m_s if view.live else None
    moving = f"{speed:+.2f} m/s" if speed is not None else ""
    return f"sled  bottom |{'-' * at}#{'-' * (BAR_WIDTH - 1 - at)}| top  {moving}"


def _angles(live: Live | None) -> RenderableType:
    table = Table("", "left", "right", box=None, pad_edge=False)
    if live is None:
        return table
    rows = (
        ("knee flexion, deg", live.left_knee_flexion_deg, live.right_knee_flexion_deg, 0),
        ("knee inward, mm", live.left_knee_medial_mm, live.right_knee_medial_mm, 0),
        ("heel share", live.left_heel_share, live.right_heel_share, 2),
        ("pelvis tucked, deg", live.posterior_tilt_deg, live.posterior_tilt_deg, 0),
    )
    for name, left, right, digits in rows:
        table.add_row(name, *("-" if x is None else f"{x:6.{digits}f}" for x in (left, right)))
    return table


def _problems(view: MachineView) -> list[str]:
    """What cannot be seen, and what to do for more."""
    told = [f"link {link}: {problem}" for link, problem in view.links.items() if problem]
    if view.state is not None:
        told += [view.state.asks] if view.state.asks else []
        told += unseen(view.state)
    left_out = len(told) - PROBLEMS_MAX + 1
    return [*told[: PROBLEMS_MAX - 1], f"and {left_out} more"] if left_out > 1 else told
