"""Pages from templates, escaped, in the visitor's language."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from dashboards.words import LANGUAGES, choose, words_of

HERE = Path(__file__).parent

_templates = Environment(
    loader=FileSystemLoader(HERE / "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def language_of(request: Request) -> str:
    """What the address asks for, else what the browser prefers."""
    return choose(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def render(request: Request, template: str, status: int = 200, /, **values: object) -> HTMLResponse:
    """A page of the templates."""
    words = words_of(language_of(request))
    languages = [(language, words_of(language)("language")) for language in LANGUAGES]
    html = _templates.get_template(template).render(words=words, languages=languages, **values)
    return HTMLResponse(html, status)


def number(value: float | None, digits: int = 0, scale: float = 1.0) -> str:
    """A number for a table; a dash where it is not known."""
    return "–" if value is None else f"{value * scale:z.{digits}f}"


def moment(value: datetime) -> str:
    """UTC as a machine reads it; a script shows it in the reader's own zone."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def day_and_time(value: datetime) -> str:
    """UTC as people read it, for where no script runs."""
    return value.strftime("%Y-%m-%d %H:%M UTC")


_templates.filters.update(number=number, moment=moment, day_and_time=day_and_time)
