"""Words for what a node tells by an EVENT. A button and a tap say nothing here: they mean what a maker wants."""

from __future__ import annotations

from edge.events import Notice
from edge.ingest.native_types import NodeEvent

_WORDS = {
    "strap_off": "taken off: strap it on and stand still for 2 s",
    "overload": "more load than a cell may take: rack the sled and look at the plate",
    "lock_closed": "the machine's safety lock closed",
    "lock_open": "the machine's safety lock opened",
}


def told_by_node(event: NodeEvent, t_s: float, session: str | None) -> Notice | None:
    """What a user should know of it; None for what concerns nobody."""
    words = _WORDS.get(event.kind)
    if words is None:
        return None
    role = event.roles[0] if len(event.roles) == 1 else None
    who = f"{role.replace('_', ' ')} sensor" if role else f"node {event.node_id}"
    return Notice(t_s=t_s, session=session, what=event.kind, severity="S1", text=f"{who}: {words}", role=role)
