"""The cues in other languages: complete, short, and the same on the pages."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import get_args

import pytest

from edge.alerts.sign_policy import TABLE
from edge.alerts.words import Language, in_language

OTHERS = [language for language in get_args(Language) if language != "en"]
CUES = sorted({text for row in TABLE.values() for text in (row.external, row.body) if text})
LONGEST = 34


@pytest.mark.parametrize("language", OTHERS)
def test_every_cue_has_its_words(language: Language) -> None:
    """No cue is left in English, none is there that the table does not say."""
    table = json.loads(files("edge.alerts.words").joinpath(f"{language}.json").read_text("utf-8"))
    assert sorted(table) == CUES


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("cue", CUES)
def test_words_are_few(language: Language, cue: str) -> None:
    """At most four words, short enough for a small screen, a whole sentence."""
    said = in_language(cue, language)
    assert 1 <= len(said.split()) <= 4
    assert len(said) <= LONGEST
    assert said[0].isupper()
    assert said.endswith(".")


@pytest.mark.parametrize("language", OTHERS)
def test_pages_say_the_same(language: Language) -> None:
    """What a phone shows in its own language is what the box would say in it."""
    pages = json.loads(files("dashboards").joinpath(f"words/{language}.json").read_text("utf-8"))
    shown = {key.removeprefix("cue."): text for key, text in pages.items() if key.startswith("cue.")}
    assert {cue: in_language(cue, language) for cue in shown} == shown


def test_unknown_cue_is_said_as_it_is() -> None:
    """An English cue is better than none."""
    assert in_language("Something new.", "de") == "Something new."
    assert in_language("Move the seat.", "en") == "Move the seat."
