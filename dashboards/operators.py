"""The operator's page: every machine, sensor and box, and what to do about each that is not well."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboards.advice import Advice, about_box, about_machine, about_pages, about_sensor
from dashboards.frames import counted
from dashboards.orders import carry_out
from dashboards.render import render
from dashboards.site import Site
from dashboards.staff import only
from edge.history.queries import NoticeRow, Queries
from edge.history.received import Place

FRESH_S = 5
TOLD_MAX = 30
"""Notices of a machine; the older ones are with their sessions on the coach's pages."""
JUDGED_MIN = 5
"""Fewer answers say nothing of how often cues are right."""

Kept: TypeAlias = tuple[dict[tuple[str, str], tuple[int, int]], dict[Place, list[NoticeRow]]]


def routes(site: Site) -> list[Route]:
    """All addresses of the operator."""
    return [Route("/operator", only("operator", site, _operator), methods=["GET", "POST"])]


async def _operator(request: Request, site: Site) -> Response:
    hub, order = site.hub, await carry_out(request, site) if request.method == "POST" else None
    machines = sorted(hub.machines.values(), key=lambda view: str(view.place))
    precision, told = await asyncio.to_thread(_kept, site, [view.place for view in machines])
    advice = sorted(_advice(site), key=lambda one: (one.grade, one.where))
    return render(
        request, "operator.html", machines=[(view, hub.signal_of(view), counted(view)) for view in machines],
        boxes=sorted(hub.boxes.items()), advice=advice, precision=precision, judged_min=JUDGED_MIN,
        told=told, order=order, help_asked=hub.help_asked, fresh_s=FRESH_S, now=site.utc_now(),
        unreadable=hub.unreadable,
    )  # fmt: skip


def _kept(site: Site, places: Iterable[Place]) -> Kept:
    """What the history has: how often cues were right, and what the sensors of each machine told of late."""
    if site.store is None:
        return {}, {}
    queries = Queries(site.store)
    return queries.precision(), {place: queries.notices(place, TOLD_MAX) for place in places}


def _advice(site: Site) -> list[Advice]:
    hub = site.hub
    out: list[Advice] = []
    out += about_pages(hub.broker_problem, site.history_problem())
    for view in hub.machines.values():
        out += about_machine(view.place.machine, hub.signal_of(view), legs_doubted=view.legs_doubted)
        for sensor in view.sensors.values():
            out += about_sensor(view.place.machine, sensor)
    for (_, name), box in hub.boxes.items():
        out += about_box(name, box)
    return out
