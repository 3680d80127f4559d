"""The coach's pages: which rep, which fault, what did the signal look like; and how it would look at other limits."""

from __future__ import annotations

import asyncio
import csv
import io
import math
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboards.charts import Figure, overlay_figure, rep_figure, trend_figure
from dashboards.frames import not_judged
from dashboards.machine_view import worth_telling
from dashboards.render import language_of, render
from dashboards.site import Site
from dashboards.staff import form_of, only
from dashboards.what_if import RULES, Would, would_fire
from dashboards.words import Words, words_of
from edge.events import Kind, verdict_key
from edge.history import schema
from edge.history.queries import Curves, Queries, RepRow, SessionPage, SessionRow, SessionTrend
from edge.history.received import Place
from edge.history.store import About
from edge.history.traces import SIGNALS

OVERLAY_MAX = 12
"""Reps over each other; beyond that nobody tells them apart."""
NOTE_MAX = 2000
CHIPS = 25
"""Sessions whose reps stand on the first page, so that a fresh fault is one click away."""


def routes(site: Site) -> list[Route]:
    """All addresses of the coach."""
    pages = {
        "/coach": _start,
        "/coach/session/{id:int}": _session,
        "/coach/session/{id:int}.csv": _session_csv,
        "/coach/overlay.json": _overlay,
        "/coach/rep/{id:int}": _rep,
        "/coach/rep/{id:int}.json": _rep_json,
        "/coach/rep/{id:int}.csv": _rep_csv,
        "/coach/compare": _compare,
        "/coach/trends/{gym}/{machine}/figure.json": _trends_json,
        "/coach/trends/{gym}/{machine}": _trends,
        "/coach/plotly.js": _plotly,
    }
    gets = [Route(path, only("coach", site, page)) for path, page in pages.items()]
    return [*gets, Route("/coach/session/{id:int}/note", only("coach", site, _note), methods=["POST"])]


async def _start(request: Request, site: Site) -> Response:
    queries = _queries(site)
    rows = await asyncio.to_thread(queries.sessions)
    newest = await asyncio.to_thread(_newest, queries, rows)
    chips = {page.row.id: page.reps for page in newest}
    places = sorted({row.place for row in rows}, key=str)
    return render(request, "coach_start.html", rows=rows, chips=chips, places=places, faults=_faults_of(request))


async def _session(request: Request, site: Site) -> Response:
    page, queries = await _page(request, site), _queries(site)
    limits = _limits(request)
    would = await asyncio.to_thread(_would, queries, page, limits)
    overlaid = _numbers(",".join(request.query_params.getlist("reps")))
    return render(
        request, "coach_session.html", page=page, sets=_by_set(page), faults=_faults_of(request), rules=RULES,
        limits=limits, would=would, held=_held(would), key=verdict_key, note_max=NOTE_MAX, overlaid=overlaid,
        signs=_signs_of(request), not_judged=not_judged,
    )  # fmt: skip


async def _rep(request: Request, site: Site) -> Response:
    row, queries = await _row(request, site), _queries(site)
    page = await asyncio.to_thread(queries.session, row.session_id)
    curves = await asyncio.to_thread(queries.curves, row)
    if page is None:
        raise HTTPException(404)
    ids = [one.id for one in page.reps]
    at = ids.index(row.id)
    before, after = ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None
    return render(
        request, "coach_rep.html", page=page, row=row, before=before, after=after, key=verdict_key,
        has_curves=curves is not None, faults=_faults_of(request),
    )  # fmt: skip


async def _rep_json(request: Request, site: Site) -> Response:
    row = await _row(request, site)
    curves = await asyncio.to_thread(_queries(site).curves, row)
    if curves is None:
        raise HTTPException(404)
    return _json(rep_figure(row, curves, _words(request)))


async def _overlay(request: Request, site: Site) -> Response:
    """reps: their numbers in the history, by commas; of any session, so that two sets compare."""
    words, queries = _words(request), _queries(site)
    rows = await asyncio.to_thread(_with_curves, queries, _numbers(request.query_params.get("reps", "")))
    labelled = [(f"{words('set.n', n=r.rep.set)} {words('rep.n', n=r.rep.rep)}", r, curves) for r, curves in rows]
    return _json(overlay_figure(labelled, words))


async def _compare(request: Request, site: Site) -> Response:
    """a and b: session.set, such as 12.1; without b the page asks for it."""
    queries = _queries(site)
    wanted = [request.query_params.get(name, "") for name in ("a", "b")]
    both = [await asyncio.to_thread(_set_of, queries, text) for text in wanted]
    if both[0] is None:
        raise HTTPException(404)
    recent = await asyncio.to_thread(queries.sessions)
    choices = await asyncio.to_thread(_newest, queries, recent)
    return render(request, "coach_compare.html", wanted=wanted, both=both, choices=choices, faults=_faults_of(request))


async def _trends(request: Request, site: Site) -> Response:
    place = _place(request)
    found = await asyncio.to_thread(_queries(site).trends, place)
    return render(request, "coach_trends.html", place=place, trends=found)


async def _trends_json(request: Request, site: Site) -> Response:
    found = await asyncio.to_thread(_queries(site).trends, _place(request))
    words = _words(request)
    days = [f"{trend.began:%Y-%m-%d %H:%M}" for trend in found]
    return _json(trend_figure(days, _series(found, words)))


async def _note(request: Request, site: Site) -> Response:
    page, form = await _page(request, site), await form_of(request)
    text = form.get("text", "").strip()[:NOTE_MAX]
    if text and site.store is not None:
        about = About(place=page.row.place, session=page.row.session, at=site.utc_now())
        rep = int(form["rep"]) if form.get("rep", "").isdecimal() and len(form["rep"]) < 6 else None
        await asyncio.to_thread(site.store.say, about, schema.notes, text=text, number_of_rep=rep)
    return RedirectResponse(f"/coach/session/{page.row.id}#notes", 303)


async def _session_csv(request: Request, site: Site) -> Response:
    page = await _page(request, site)
    fields = [f.name for f in msgspec.structs.fields(type(page.reps[0].rep))] if page.reps else []
    plain = [name for name in fields if name not in {"faults", "assessed", "not_assessed", "firmware"}]
    rows: list[list[object]] = [["at", *plain, "alerts", "signs", "not_assessed"]]
    for one in page.reps:
        alerts = " ".join(verdict_key(a.kind, a.side) for a in one.alerts)
        signs = " ".join(f"{verdict_key(s.kind, s.side)}:{s.severity}" for s in one.signs)
        blind = " ".join(sorted(one.rep.not_assessed))
        rows.append([one.at.isoformat(), *(getattr(one.rep, name) for name in plain), alerts, signs, blind])
    return _csv(rows, f"session-{page.row.id}.csv")


async def _rep_csv(request: Request, site: Site) -> Response:
    row = await _row(request, site)
    curves = await asyncio.to_thread(_queries(site).curves, row)
    if curves is None:
        raise HTTPException(404)
    rows: list[list[object]] = [["t_s", *SIGNALS]]
    for i, t_s in enumerate(curves.t_s):
        values = [curves.values[name][i] for name in SIGNALS]
        rows.append([round(t_s - row.rep.start_s, 3), *("" if math.isnan(v) else round(v, 4) for v in values)])
    return _csv(rows, f"rep-{row.id}.csv")


async def _plotly(request: Request, site: Site) -> Response:
    """Plotly's own script, out of its wheel."""
    path = str(files("plotly") / "package_data" / "plotly.min.js")
    return FileResponse(path, media_type="text/javascript")


def _queries(site: Site) -> Queries:
    if site.store is None:
        raise HTTPException(404)
    return Queries(site.store)


async def _page(request: Request, site: Site) -> SessionPage:
    page = await asyncio.to_thread(_queries(site).session, request.path_params["id"])
    if page is None:
        raise HTTPException(404)
    return page


async def _row(request: Request, site: Site) -> RepRow:
    row = await asyncio.to_thread(_queries(site).rep, request.path_params["id"])
    if row is None:
        raise HTTPException(404)
    return row


def _newest(queries: Queries, rows: Sequence[SessionRow]) -> list[SessionPage]:
    """Those of which a first page shows all reps. rows: of sessions, the newest first."""
    return [page for row in rows[:CHIPS] if (page := queries.session(row.id))]


def _by_set(page: SessionPage) -> dict[int, list[RepRow]]:
    out: dict[int, list[RepRow]] = {}
    for row in page.reps:
        out.setdefault(row.rep.set, []).append(row)
    return out


def _set_of(queries: Queries, text: str) -> tuple[SessionPage, int, list[RepRow]] | None:
    """A set by its name in an address, session.set."""
    session, _, number = text.partition(".")
    numbers = _numbers(f"{session},{number}")
    page = queries.session(numbers[0]) if len(numbers) == 2 else None
    rows = _by_set(page).get(numbers[1], []) if page else []
    return (page, numbers[1], rows) if page and rows else None


def _with_curves(queries: Queries, ids: Sequence[int]) -> list[tuple[RepRow, Curves]]:
    rows = [row for one in ids[:OVERLAY_MAX] if (row := queries.rep(one))]
    return [(row, curves) for row in rows if (curves := queries.curves(row))]


def _would(queries: Queries, page: SessionPage, limits: dict[Kind, float]) -> list[tuple[RepRow, list[Would]]]:
    """Per rep what would have fired; reps without curves have an empty list."""
    out = []
    for row in page.reps:
        curves = queries.curves(row)
        out.append((row, would_fire(curves, row.rep.start_s, row.rep.top_s, limits) if curves else []))
    return out


def _held(would: list[tuple[RepRow, list[Would]]]) -> dict[str, float]:
    """The limits that are shown as the present ones, by kind."""
    return {one.kind: one.limit for _, found in would for one in found}


def _limits(request: Request) -> dict[Kind, float]:
    """Other limits from the address, in the signals' units; nonsense is passed over."""
    out: dict[Kind, float] = {}
    for rule in RULES:
        try:
            value = float(request.query_params.get(rule.kind, ""))
        except ValueError:
            continue
        if math.isfinite(value):
            out[rule.kind] = value / rule.scale
    return out


def _faults_of(request: Request) -> Any:
    """Names a rep's faults, for templates: alerts where they are kept, else what the rep itself tells."""
    words = _words(request)

    def names(row: RepRow) -> list[str]:
        told = [verdict_key(a.kind, a.side) for a in row.alerts]
        told += [verdict_key(f.kind, f.side) for f in row.rep.faults if f.severity in ("S2", "S3")]
        return [words.verdict(key) for key in dict.fromkeys(told)]

    return names


def _signs_of(request: Request) -> Any:
    """Names what else there was to remark on in a rep, for templates: all but what is for the log alone."""
    words, faults = _words(request), _faults_of(request)

    def names(row: RepRow) -> list[str]:
        told = [words.sign(s.kind, s.side) for s in row.signs if worth_telling(s)]
        return [name for name in dict.fromkeys(told) if name not in faults(row)]

    return names


def _series(found: Sequence[SessionTrend], words: Words) -> list[tuple[str, str, list[float | None]]]:
    per_ten = [None if not t.reps else 10 * sum(t.alerts.values()) / t.reps for t in found]
    return [
        (words("trend.alerts"), words("trend.per_ten"), per_ten),
        (words("sum.rom"), "cm", [None if t.mean_rom_m is None else round(100 * t.mean_rom_m, 1) for t in found]),
        (words("sum.speed"), "m/s", [t.mean_concentric_m_s for t in found]),
        (words("sum.loss"), "%", [t.velocity_loss_pct for t in found]),
        (words("sum.load"), "kg", [None if t.load_kg is None else round(t.load_kg, 1) for t in found]),
    ]


def _words(request: Request) -> Words:
    return words_of(language_of(request))


def _place(request: Request) -> Place:
    return Place(gym=request.path_params["gym"], machine=request.path_params["machine"])


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")[:OVERLAY_MAX] if part.isdecimal() and len(part) < 12]


def _json(figure: Figure) -> Response:
    return Response(msgspec.json.encode(figure), media_type="application/json")


def _csv(rows: Iterable[Sequence[object]], name: str) -> Response:
    """No cell may begin as a formula does: spreadsheets would run it."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([f"'{c}" if isinstance(c, str) and c[:1] in ("=", "+", "-", "@", "\t") else c for c in row])
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
