"""Which worn sensors sit upside down or back to front: said once a session, since it is read as it sits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edge.events import Notice
from edge.motion.body import Body
from edge.motion.mount import Mount

TURNED: Final = -0.5
"""Cosine from which an axis points the wrong way: straps sit within 12° about any axis and 20° about the limb."""


def turned_way(mount: Mount) -> str | None:
    """How a sensor sits whose x should point ahead, y to the lifter's left and z up the limb; None as it should."""
    if mount.z[2] < TURNED:
        return "upside down"
    return "back to front" if mount.y[1] < TURNED else None


class WornWays:
    """Feed `step` at every grid instant; each sensor that sits the wrong way round is told once it is mounted."""

    def __init__(self) -> None:
        self._session = 0
        self._looked: set[str] = set()

    def step(self, body: Body, t_s: float, session: str | None) -> Iterator[Notice]:
        """The notices of this instant."""
        if body.sessions != self._session:
            self._session, self._looked = body.sessions, set()
        mounts = body.wear.mounts
        if len(mounts) <= len(self._looked):
            return
        for role in sorted(set(mounts) - self._looked):
            self._looked.add(role)
            if (way := turned_way(mounts[role])) is not None:
                text = f"The {role.replace('_', ' ')} sensor sits {way}. It is read as it sits: nothing need be done."
                yield Notice(t_s=t_s, session=session, what="sensor_turned", severity="S0", text=text, role=role)
