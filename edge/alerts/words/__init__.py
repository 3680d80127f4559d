"""The words of the cues in other languages, as data: one file each, keyed by the English of the policy table.

A language is added by adding its file and naming it here. The original is English; what a file lacks is said in it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["en", "de", "es"]


def in_language(cue: str, language: Language) -> str:
    """A cue of the policy table in this language."""
    return cue if language == "en" else _table(language).get(cue, cue)


@cache
def _table(language: Language) -> dict[str, str]:
    table: dict[str, str] = json.loads(files(__name__).joinpath(f"{language}.json").read_text("utf-8"))
    return table
