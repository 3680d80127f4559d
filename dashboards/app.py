"""The pages as a web application: which address shows what, and the headers that every answer carries."""

from __future__ import annotations

import re
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from dashboards import coach, coach_machines, operators, staff
from dashboards.connection import Connection
from dashboards.render import HERE, render
from dashboards.site import Site
from edge.coaching.care import AFTER_CARE, AREAS, ICE_MAX, RED_FLAGS

HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}\Z")
TOPIC_LEVEL = re.compile(r"[a-z0-9_-]{1,64}\Z")


def make_app(site: Site) -> ASGIApp:
    """All addresses."""

    async def socket(websocket: WebSocket) -> None:
        await Connection(websocket, site).serve()

    routes = [
        Route("/", _start),
        Route("/m/{gym}/{machine}", _phone),
        Route("/kiosk/{gym}/{machine}", _kiosk),
        WebSocketRoute("/ws", socket),
        *staff.routes(site),
        *coach.routes(site),
        *coach_machines.routes(site),
        *operators.routes(site),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    return Headers(Starlette(routes=routes, exception_handlers={HTTPException: _refused}))


async def _start(request: Request) -> Response:
    return render(request, "start.html")


async def _phone(request: Request) -> Response:
    machine, place = _place(request)
    cards: dict[str, Any] = {"red_flags": RED_FLAGS, "after_care": AFTER_CARE, "areas": AREAS}
    return render(request, "phone.html", machine=machine, place=place, ice_s=ICE_MAX.seconds, **cards)


async def _kiosk(request: Request) -> Response:
    machine, place = _place(request)
    return render(request, "kiosk.html", machine=machine, place=place)


def _place(request: Request) -> tuple[str, str]:
    """Machine, and gym/machine, as the address has them. Whether there is such a machine is told to nobody."""
    gym, machine = request.path_params["gym"], request.path_params["machine"]
    if not TOPIC_LEVEL.match(gym) or not TOPIC_LEVEL.match(machine):
        raise HTTPException(404)
    return machine, f"{gym}/{machine}"


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return render(request, "refused.html", status)


class Headers:
    """What no answer may lack: scripts and styles from here alone, no framing, no guessing of types, no referrers to
    others. (With no referrers at all browsers would not say where a form was posted from.)
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        is_static, has_charts = scope["path"].startswith("/static/"), scope["path"].startswith("/coach")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = policy(host, has_charts=has_charts)
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "same-origin"
                headers["cross-origin-opener-policy"] = "same-origin"
                headers["cross-origin-resource-policy"] = "same-origin"
                headers["permissions-policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
                headers["cache-control"] = "no-cache" if is_static else "no-store"
            await send(message)

        await self._app(scope, receive, send_with_headers)


def policy(host: str, *, has_charts: bool = False) -> str:
    """The content security policy. The WebSocket's address is named, since older Safaris do not count it as 'self'.

    has_charts: Plotly writes styles into the page, and saves a picture from a data address. Scripts come from here
    alone even so.
    """
    sockets = f" ws://{host} wss://{host}" if HOST.match(host) else ""
    styles, images = ("'self' 'unsafe-inline'", "'self' data: blob:") if has_charts else ("'self'", "'self'")
    return (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src {images}; connect-src 'self'{sockets}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
