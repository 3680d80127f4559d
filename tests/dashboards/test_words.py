"""The words of the pages: complete in every language, and every cue has its translation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from dashboards.words import LANGUAGES, _read, choose, words_of
from edge.alerts.sign_policy import TABLE
from edge.events import VERDICTS, Kind, SignKind, verdict_key

PAGES = Path(__file__).parents[2] / "dashboards"
HOLE = re.compile(r"\{(\w+)\}")
STATED = re.compile(r'words\(\s*[\'"]([a-z_.]+)[\'"]\s*[,)]')


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_holes(language: str) -> None:
    """Nothing missing, nothing left over, and what is filled in has its place."""
    original, texts = _read("en"), _read(language)
    assert set(texts) == set(original)
    for key, text in texts.items():
        assert set(HOLE.findall(text)) == set(HOLE.findall(original[key])), key


def test_every_text_that_a_page_names_is_there() -> None:
    """Templates and modules name no key that is not in the files."""
    places = [*PAGES.glob("*.py"), *PAGES.glob("pages/*.html")]
    named = {key for path in places for key in STATED.findall(path.read_text("utf-8"))}
    assert len(named) > 60
    assert named <= set(_read("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cue_is_worded_and_short(language: str) -> None:
    """Each cue of the policy has its words, at most four, or five where a language cannot do with less."""
    words = words_of(language)
    for policy in TABLE.values():
        for cue in filter(None, (policy.external, policy.body)):
            worded = words.known("cue", cue)
            assert language == "en" or worded != cue, cue
            assert len(worded.split()) <= (4 if language == "en" else 5), worded


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_a_name(language: str) -> None:
    """Each fault with its side is called by its name."""
    for kind, side in VERDICTS:
        assert "_" not in words_of(language).verdict(verdict_key(kind, side))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sign_has_a_name_on_either_side_and_without(language: str) -> None:
    """No kind is called by its name in the messages, in no language but English by the English."""
    for kind in (*get_args(Kind), *get_args(SignKind)):
        for side in (None, "left", "right"):
            name = words_of(language).sign(kind, side)
            assert "_" not in name
            assert kind == "lumbar" or language == "en" or name != words_of("en").sign(kind, side)


def test_reasons_are_translated_with_what_fills_their_holes() -> None:
    """The sensor's name is translated too."""
    german = words_of("de")
    assert german.reason("no left thigh sensor") == "kein Sensor: linker Oberschenkel"
    assert german.reason("pelvis sensor too slow (12 Hz)") == "Sensor Becken zu langsam (12 Hz)"


def test_what_is_not_known_is_shown_as_it_came() -> None:
    """An unknown reason, cue or fault is shown in English; nothing fails."""
    german = words_of("de")
    assert german.reason("the moon is full {x}") == "the moon is full {x}"
    assert german.known("cue", "Do better.") == "Do better."
    assert german.verdict("stop_hit_left") == "stop hit left"
    assert german.known("asks", None) == ""


@pytest.mark.parametrize(
    ("asked", "accepts", "chosen"),
    [("es", "de", "es"), (None, "de-AT,de;q=0.9,en;q=0.8", "de"), (None, "fr, es;q=0.5", "es"), ("xx", "", "en")],
)
def test_the_language_is_the_one_asked_for_or_accepted(asked: str | None, accepts: str, chosen: str) -> None:
    """What the address asks for, then what the browser prefers, then English."""
    assert choose(asked, accepts) == chosen
