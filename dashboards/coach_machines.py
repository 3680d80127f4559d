"""The coach's machines as they are now: what is judged there and what is not, and what is on the sled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboards.asking import NOBODY, Typed
from dashboards.frames import counted, not_judged, of_max
from dashboards.machine_view import MachineView
from dashboards.orders import Order, carry_out
from dashboards.render import language_of, render
from dashboards.site import Site
from dashboards.staff import only
from dashboards.words import words_of
from edge.history.queries import Queries
from edge.history.received import Place

FRESH_S = 2
"""Somebody at the machine changes a strap and looks whether its fault is judged now."""


def routes(site: Site) -> list[Route]:
    """The page, and what is asked on it."""
    return [Route("/coach/machines", only("coach", site, _machines), methods=["GET", "POST"])]


async def _machines(request: Request, site: Site) -> Response:
    order = await carry_out(request, site) if request.method == "POST" else None
    views = sorted(site.hub.machines.values(), key=lambda view: str(view.place))
    pages = await asyncio.to_thread(_pages, site, [view for view in views if view.session])
    return render(
        request, "coach_machines.html", machines=[_shown(request, site, view, pages) for view in views], order=order,
        fresh_s=FRESH_S, load=lambda view: _typed(order, view), who=lambda view: _who(order, view),
    )  # fmt: skip


def _shown(request: Request, site: Site, view: MachineView, pages: dict[Place, int]) -> dict[str, Any]:
    words = words_of(language_of(request))
    state = view.state if view.session else None
    return {
        "view": view, "signal": site.hub.signal_of(view), "counted": counted(view), "page": pages.get(view.place),
        "seen": [words.verdict(key) for key in state.assessed] if state else [],
        "blind": not_judged(state.not_assessed, words.verdict, words) if state else [],
        "signs": not_judged(state.signs_not_assessed, words.sign_named, words) if state else [],
        "of_max": of_max(state, words), "is_known": state is not None and state.lifter_known,
    }  # fmt: skip


def _typed(order: Order | None, view: MachineView) -> tuple[str, str]:
    """What stands in the form: what was typed and not taken, else the load as it is known."""
    if order is not None and order.name == "set_load" and order.view is view and order.outcome.said != "done":
        return order.load, order.most
    load_kg = view.state.load_kg if view.state else None
    return ("" if load_kg is None else f"{load_kg:g}"), ""


def _who(order: Order | None, view: MachineView) -> Typed:
    """What was typed of a lifter and not taken: what was taken is nobody else's to read."""
    return order.who if order is not None and order.view is view and order.outcome.said != "done" else NOBODY


def _pages(site: Site, views: Iterable[MachineView]) -> dict[Place, int]:
    """The history's number of the session that is on at each machine."""
    if site.store is None:
        return {}
    newest = [
        row for view in views for row in Queries(site.store).sessions(view.place, 1) if row.session == view.session
    ]
    return {row.place: row.id for row in newest}
