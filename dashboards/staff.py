"""How coaches and operators come in: a key once, then a signed ticket in a cookie that only this site is sent.

The printed address carries the key behind the #, which a browser sends to nobody; a script on the sign-in page posts
it. A change is taken only from a page of ours, which browsers say in the Origin header.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboards.access import STAFF_S, Role
from dashboards.render import render
from dashboards.site import Site

COOKIE = "sledguard_staff"
FORM_MAX = 8_000
"""Bytes of a posted form; a note of 2,000 characters fits."""

Page: TypeAlias = Callable[[Request, Site], Awaitable[Response]]


def only(role: Role, site: Site, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """The page for those in this role; everybody else is asked to sign in, or refused."""

    async def guarded(request: Request) -> Response:
        if role_of(request, site) != role:
            if request.method != "GET":
                raise HTTPException(403)
            return render(request, "enter.html", 401, role=role, wrong=False)
        if request.method != "GET" and not _is_from_here(request):
            raise HTTPException(403)
        return await page(request, site)

    return guarded


def role_of(request: Request, site: Site) -> str | None:
    """Who asks, by the cookie."""
    ticket = site.access.read("staff", request.cookies.get(COOKIE), site.now_s())
    return ticket.about if ticket else None


async def form_of(request: Request) -> dict[str, str]:
    """A posted form's fields. HTTPException: too long, or none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM_MAX:
            raise HTTPException(413)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[-1] for name, values in fields.items()}


def routes(site: Site) -> list[Route]:
    """Coming in and leaving."""

    async def enter(request: Request) -> Response:
        if not _is_from_here(request):
            raise HTTPException(403)
        form = await form_of(request)
        role = site.access.role_of(form.get("key", "").strip())
        if role is None:
            caller = request.client.host if request.client else ""
            patient = site.tries.allows(caller, site.now_s())
            return render(request, "enter.html", 401 if patient else 429, role=_known(form.get("role")), wrong=True)
        answer = RedirectResponse(f"/{role}", 303)
        ticket = site.access.ticket("staff", "", role, site.now_s() + STAFF_S)
        is_secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, ticket, max_age=STAFF_S, secure=is_secure, httponly=True, samesite="strict")
        return answer

    async def leave(request: Request) -> Response:
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE, samesite="strict", httponly=True)
        return answer

    return [Route("/enter", enter, methods=["POST"]), Route("/leave", leave, methods=["POST"])]


def _known(role: str | None) -> Role:
    return "operator" if role == "operator" else "coach"


def _is_from_here(request: Request) -> bool:
    """Browsers name the page that posts; one that names none, or another site's, is refused."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")
