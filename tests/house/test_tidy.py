"""The rules of CONTRIBUTING.md that a machine can hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("edge", "firmware_protocol", "dashboards")
LINES_PER_FILE, LINES_PER_FUNCTION = 500, 70
TEXTS = {".py", ".md", ".js", ".css", ".html", ".json", ".toml", ".c", ".h"}

CODE = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
PAGES = [*sorted(ROOT.glob("*.md")), *(path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.md")))]


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", CODE, ids=place)
def test_files_and_functions_are_short(path: Path) -> None:
    """No file is longer than 500 lines and no function longer than 70."""
    assert len(path.read_text("utf-8").splitlines()) <= LINES_PER_FILE
    for function in functions(path):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        assert lines <= LINES_PER_FUNCTION, f"{function.name} has {lines} lines"


@pytest.mark.parametrize("path", CODE, ids=place)
def test_nothing_is_put_off(path: Path) -> None:
    """No notes to do something later: what is not done stands in no file."""
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text("utf-8"))


@pytest.mark.parametrize("path", TESTS, ids=place)
def test_each_test_says_what_must_hold(path: Path) -> None:
    """Every test function has its sentence."""
    untold = [f.name for f in functions(path) if f.name.startswith("test_") and not ast.get_docstring(f)]
    assert untold == []


@pytest.mark.parametrize("path", PAGES, ids=place)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    """A relative link in a page names a file or folder that is there."""
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    broken = [target for target in targets if "://" not in target and not (path.parent / target).exists()]
    assert broken == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_merge_is_left_half_done(package: str) -> None:
    """No text, whatever its language, has the marks that git leaves where two changes met."""
    texts = [path for path in (ROOT / package).rglob("*") if path.suffix in TEXTS]
    assert len(texts) > 20
    assert [place(path) for path in texts if re.search(r"^(<{7}|>{7}) ", path.read_text("utf-8"), re.M)] == []


def test_test_files_have_names_of_their_own() -> None:
    """pytest imports test files by their name alone: two of one name stop the whole run."""
    names = [path.name for path in TESTS]
    assert sorted(names) == sorted(set(names))
