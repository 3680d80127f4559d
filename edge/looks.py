"""When a pipeline has something to do next: on the grid, and within a set soon after something has arrived. Pure."""

from __future__ import annotations

from typing import Final

from edge.motion.series import GRID_NS

LOOK_NS: Final = 2_000_000
"""What arrives within a set is judged at the next of these: finer would be lost in the event loop's timers."""
APART_NS: Final = 4_000_000
"""Between looks: sensors that come one after the other share one, which costs a cue 4 ms at most."""


def looks_ns(looked_ns: int, came_ns: int | None) -> int:
    """When to look next: a grid step after the last time, within a set when something has come, but not too soon again.

    came_ns: when the first of what waits arrived; None: nothing waits, or it need not be seen before the grid.
    """
    if came_ns is None:
        return looked_ns + GRID_NS
    came_ns = max(came_ns, looked_ns + APART_NS - LOOK_NS)
    return min((came_ns // LOOK_NS + 1) * LOOK_NS, looked_ns + GRID_NS)


def due_ns(at_ns: int | None, looks_ns: int) -> int:
    """The next instant at which there is something to do, after at_ns; 0 before the first."""
    if at_ns is None:
        return 0
    looks_ns = max(looks_ns, at_ns + LOOK_NS)
    grid_ns = at_ns - at_ns % GRID_NS + GRID_NS
    return looks_ns if looks_ns < grid_ns else grid_ns
