"""The words of the pages: complete in every language, and every cue has its translation."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from dashboards.words import LANGUAGES, _read, choose, words_of
from edge.alerts.sign_policy import TABLE
from edge.events import VERDICTS, Kind, Notice, SignKind, verdict_key
from edge.ingest.native_types import ProblemKind
from edge.session.node_notices import _WORDS
from edge.session.placement_notices import no_longer_doubted

EDGE = Path(__file__).parents[2] / "edge"
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_that_is_not_known_is_told_to_be_the_boxs_words(language: str) -> None:
    """A known one is in the page's language; of another the box's own words stand in parentheses."""
    words = words_of(language)
    known, foreign = (words.outcome("refused", why) for why in ("left and right are not doubted", "not on Sundays"))
    assert words.reason("left and right are not doubted") in known
    assert re.search(r"\([^()]*not on Sundays\)\.$", foreign)
    assert words.outcome("done", "") == words("said.done")


@pytest.mark.parametrize(("language", "limit"), [("en", "as far as"), ("de", "soweit"), ("es", "hasta donde")])
def test_legs_that_are_no_longer_doubted_promise_no_more_than_is_known(language: str, limit: str) -> None:
    """After a calibration knees are not judged at first: no language says that they are, as the box does not."""
    told = no_longer_doubted(1.0, "s-1")
    assert limit in words_of(language).notice(told)
    assert words_of("en").notice(told) == told.text


REASONS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("session/assessment.py", (), "7"),
    ("session/sign_assessment.py", (), "7"),
    ("session/sensor_health.py", ("_problem",), "7"),
    ("pipeline.py", ("_refusal",), "7"),
    ("ingest/capability.py", ("refusal",), "7"),
    ("ingest/single_cells.py", ("refusal",), "7 cell"),
)
"""Where reasons are worded: a file, its functions (none: all of it), and what a `name` looks like in them."""


def texts_in(node: ast.AST, name: str) -> list[str]:
    """All that a piece of code may say, sevens in place of what it fills in."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.IfExp(body=one, orelse=other):
            return texts_in(one, name) + texts_in(other, name)
        case ast.FormattedValue(value=ast.IfExp() as choice):
            return texts_in(choice, name)
        case ast.FormattedValue(value=filled):
            return [name if isinstance(filled, ast.Name) and filled.id == "name" else "7"]
        case ast.JoinedStr(values=parts):
            return ["".join(made) for made in itertools.product(*(texts_in(part, name) for part in parts))]
    return []


def said_in(node: ast.AST, name: str) -> Iterator[str]:
    """The texts of some code that are sentences; docstrings, and the parts of a text, are none."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant | ast.JoinedStr):
        yield from (text for text in texts_in(node, name) if " " in text.strip())
        return
    for child in ast.iter_child_nodes(node):
        yield from said_in(child, name)


def all_reasons() -> list[str]:
    """Every reason that the code can give for not judging something."""
    found: list[str] = []
    for path, functions, name in REASONS:
        for node in ast.walk(ast.parse((EDGE / path).read_text("utf-8"))):
            is_asked = isinstance(node, ast.FunctionDef) and node.name in functions
            if is_asked or (not functions and isinstance(node, ast.Module)):
                found += said_in(node, name)
    return sorted(set(found) - {name for _, _, name in REASONS})


@pytest.mark.parametrize("reason", all_reasons())
@pytest.mark.parametrize("language", ["de", "es"])
def test_every_reason_that_the_code_can_give_is_translated(language: str, reason: str) -> None:
    """Whatever keeps something from being judged is said in the reader's language, with all that is filled in."""
    worded = words_of(language).reason(reason)
    assert worded != reason
    assert worded.count("7") == reason.count("7")


def test_the_reasons_are_found_in_the_code() -> None:
    """Of each file one that is known to be there: the search sees them all."""
    assert len(all_reasons()) >= 20
    assert {
        "reps cannot be seen: no thigh or shank sensor",
        "7 sensor moved: judged again after 7 more rep",
        "7 sensor moved: judged again after 7 more reps",
        "no footplate",
        "not seen: needs a sensor on breath or belt; only the time for it is",
        "silent: check its battery and strap",
        "7 sensor taken off: strap it on and stand still for 2 s",
        "sensor too slow: 7 samples/s, 7 needs 7",
        "7 cell silent: check its battery and cable",
    } <= set(all_reasons())


def test_what_fills_a_reason_is_translated_too() -> None:
    """A reason within a reason, a fault, and a list of cells."""
    german, spanish = words_of("de"), words_of("es")
    slow = "left heel cell: sensor too slow: 10 samples/s, heel_lift needs 40"
    assert german.reason(slow) == "Messzelle linke Ferse: Sensor zu langsam: 10 Werte/s, Ferse hebt ab braucht 40"
    lacks = "footplate lacks its left heel, right toe cell"
    assert spanish.reason(lacks) == "plataforma: falta la celda: talón izquierdo, punta derecha"
    would = "footplate has no cells that tell heel from toe: left_heel, left_toe, right_heel, right_toe would"
    assert "linke Ferse, linker Ballen, rechte Ferse, rechter Ballen" in german.reason(would)
    late = "right heel cell: sensor too late: it gathers 150 ms of samples, heel_lift allows 100"
    assert "150 ms, Ferse" in german.reason(late)


def all_notices() -> set[tuple[str, str]]:
    """Every kind of notice that the code can give, with its severity; of exchanged sensors both."""
    found = {(kind, "S1") for kind in get_args(ProblemKind)}
    for path in (*(EDGE / "session").glob("*_notices.py"), EDGE / "session/worn_ways.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Notice":
                about = {one.arg: getattr(one.value, "value", None) for one in node.keywords}
                kinds = [about["what"]] if isinstance(about["what"], str) else list(_WORDS)
                severities = [about["severity"]] if isinstance(about["severity"], str) else ["S0", "S1"]
                found |= set(itertools.product(kinds, severities))
    return found


@pytest.mark.parametrize(("what", "severity"), sorted(all_notices()))
@pytest.mark.parametrize("language", ["de", "es"])
def test_every_notice_that_the_code_can_give_is_translated(language: str, what: str, severity: Any) -> None:
    """By its kind, with the sensors it names; whatever a node said in its own words stands behind it."""
    notice = Notice(
        t_s=1.0, what=what, severity=severity, text="as it came", role="left_shank", other_role="right_thigh"
    )
    worded = words_of(language).notice(notice)
    assert worded != words_of("en").notice(notice)
    assert ("as it came" in worded) == (what in get_args(ProblemKind))
    for role in ("left shank", "right thigh"):
        assert (words_of(language)("role." + role) in worded) == (role in words_of("en").notice(notice))


def test_the_notices_are_found_in_the_code() -> None:
    """Of each place one that is known to be there."""
    assert all_notices() >= {
        ("strap_off", "S1"), ("overload", "S1"), ("sensor_moved", "S0"), ("sensor_moved", "S1"), ("restart", "S1"),
        ("sensors_exchanged", "S1"), ("sensors_in_place", "S0"), ("sensors_on_wrong_legs", "S0"),
        ("sensor_turned", "S0"),
    }  # fmt: skip


def test_a_notice_that_is_not_known_or_names_nobody_is_shown_all_the_same() -> None:
    """As it came, or without the name where there is a text for that."""
    strange = Notice(t_s=1.0, what="unheard_of", severity="S1", text="The moon is full {role}.")
    assert words_of("de").notice(strange) == "The moon is full {role}."
    nameless = Notice(t_s=1.0, what="strap_off", severity="S1", text="node 1: taken off")
    assert words_of("en").notice(nameless).startswith("A sensor was taken off")
    moved = Notice(t_s=1.0, what="sensor_moved", severity="S1", text="It moved.")
    assert words_of("de").notice(moved) == "It moved."


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
