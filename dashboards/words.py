"""The words of the pages, in several languages, as data: words/en.json and its fellows.

English is the original; a key that another language lacks falls back to it. What the box says (cues, reasons, what it
asks for) comes in English and is translated by looking it up, holes in braces included; what is not found is shown
as it came, since an English reason is better than none.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

from edge.events import Kind, Notice, Side, SignKind, verdict_key

LANGUAGES = ("en", "de", "es")
HOLE = re.compile(r"\{(\w+)\}")
HOLE_MAX = 80
"""Characters that may stand in a hole: the longest is a reason within a reason, of 70."""


class Words:
    """The words of one language."""

    def __init__(self, language: str, texts: dict[str, str], original: dict[str, str]) -> None:
        self.language = language
        self._texts, self._original = texts, original
        self._reasons = [(_pattern(key.removeprefix("reason.")), key) for key in original if key.startswith("reason.")]

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, holes filled. KeyError: there is no such key, which is a bug of ours."""
        text = self._texts.get(key) or self._original[key]
        return text.format(**values) if values else text

    def of(self, key: str, count: int) -> str:
        """The word for so many of something, without the number."""
        return self(f"{key}.one" if count == 1 else key)

    def kilograms(self, kg: float) -> str:
        """A weight as it is put together of plates, the smallest of which has half a kilogram."""
        return self("unit.kg", value=f"{round(kg, 1):g}")

    def known(self, prefix: str, said: str | None) -> str:
        """What the box said in English, in this language where it is known, else as it came."""
        key = f"{prefix}.{said}"
        return self(key) if said and key in self._original else said or ""

    def reason(self, said: str) -> str:
        """Why something is not judged, in this language where it is known, else as it came."""
        known = self._known_reason(said)
        return said if known is None else known

    def outcome(self, said: str, why: str) -> str:
        """What became of a command. why: the box's reason; one that is not known here is told to be its own words."""
        known = self._known_reason(why)
        if said == "refused" and known is None:
            return self("said.refused_so", why=why)
        return self(f"said.{said}", why=known or "")

    def notice(self, notice: Notice) -> str:
        """What a notice says, by its kind, where that is known and all that its text names is told; else as it came."""
        roles = {"role": notice.role, "other": notice.other_role}
        holes = {name: role.replace("_", " ") for name, role in roles.items() if role} | {"text": notice.text}
        for key in (f"notice.{notice.what}{more}" for more in (f".{notice.severity}", "", ".nameless")):
            if key in self._original and holes.keys() >= (named := set(HOLE.findall(self._original[key]))):
                return self(key, **{name: self._filling(name, holes[name]) for name in named})
        return notice.text

    def _known_reason(self, said: str) -> str | None:
        for pattern, key in self._reasons:
            if match := pattern.fullmatch(said):
                return self(key, **{name: self._filling(name, value) for name, value in match.groupdict().items()})
        return None

    def _filling(self, hole: str, said: str) -> str:
        """What fills a hole, in this language."""
        match hole:
            case "why":
                return self.reason(said)
            case "cell":
                return ", ".join(self.known("cell", one.replace("_", " ")) for one in said.split(", "))
            case "role" | "fault":
                return self.known(hole, said)
            case "other":
                return self.known("role", said)
            case "side":
                return self.known("side", said)
        return said

    def verdict(self, key: str) -> str:
        """The name of a fault with its side; one that is not known here by its own name."""
        known = self.known("verdict", key)
        return known.replace("_", " ") if known == key else known

    def sign_named(self, key: str) -> str:
        """The name of a sign that has no side, or of what no sensor sees."""
        known = self.known("sign", key)
        return known.replace("_", " ") if known == key else known

    def sign(self, kind: Kind | SignKind, side: Side | None) -> str:
        """The name of a fault or a sign with its side."""
        if f"fault.{kind}" in self._original:
            return self.verdict(verdict_key(kind, side)) if side else self(f"fault.{kind}")
        name = self.sign_named(kind)
        return f"{name} ({self(f'side.{side}')})" if side else name


@cache
def words_of(language: str) -> Words:
    """The words of one of LANGUAGES."""
    return Words(language, _read(language), _read("en"))


def choose(asked: str | None, accepts: str) -> str:
    """One of LANGUAGES: what was asked for, else the first that the browser accepts, else English."""
    if asked in LANGUAGES:
        return asked
    wanted = [part.split(";")[0].strip()[:2].lower() for part in accepts[:200].split(",")]
    return next((language for language in wanted if language in LANGUAGES), "en")


@cache
def _read(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((files("dashboards") / "words" / f"{language}.json").read_text("utf-8"))
    return texts


def _pattern(template: str) -> re.Pattern[str]:
    """A text with {holes} as a pattern that finds what fills them."""
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(re.escape(p) if i % 2 == 0 else f"(?P<{p}>.{{1,{HOLE_MAX}}}?)" for i, p in enumerate(parts))
    )
