"""What coach and operator tell a machine by the forms on their pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request

from dashboards.asking import NOBODY, Outcome, Typed
from dashboards.machine_view import MachineView
from dashboards.site import Site
from dashboards.staff import form_of


@dataclass(frozen=True, slots=True)
class Order:
    """An order that was given, and what became of it. load, most, who: as they were typed."""

    name: Literal["trust_legs", "set_load", "set_lifter"]
    view: MachineView
    outcome: Outcome
    load: str = ""
    most: str = ""
    who: Typed = NOBODY


async def carry_out(request: Request, site: Site) -> Order:
    """What a posted form asks for. HTTPException: of no machine that is known, or nothing that can be asked."""
    form = await form_of(request)
    view = next((one for place, one in site.hub.machines.items() if str(place) == form.get("machine")), None)
    if view is None:
        raise HTTPException(404)
    match form.get("do"):
        case "trust_legs":
            return Order("trust_legs", view, await site.asking.trust_legs(view.place))
        case "set_load":
            load, most = form.get("load", "")[:20], form.get("most", "")[:20]
            return Order("set_load", view, await site.asking.set_load(view.place, load, most), load, most)
        case "set_lifter":
            who = Typed(*(form.get(name, "")[:40] for name in ("lifter", "height", "thigh", "shank")))
            return Order("set_lifter", view, await site.asking.set_lifter(view.place, who), who=who)
    raise HTTPException(400)
