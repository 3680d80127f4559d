"""PROTOCOL.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from firmware_protocol import commands, framing, wire
from firmware_protocol.generator import emit_markdown, schema

FOLDER = Path(wire.__file__).parent
PAGE = (FOLDER / "PROTOCOL.md").read_text(encoding="utf-8")


def test_limits_are_the_codes() -> None:
    """Sizes, retries and the UUID in the page are those of the code."""
    assert f"| 255, {wire.MESSAGE_SIZE_MAX}, {framing.FRAME_SIZE_MAX + 1} bytes" in PAGE
    assert f"longer than {framing.FRAME_SIZE_MAX} bytes" in PAGE
    assert f"than {wire.MESSAGE_SIZE_MAX + framing.CRC_SIZE} unstuffed" in PAGE
    assert f"no answer in {commands.RETRY_NS // 1_000_000} ms" in PAGE
    header = (FOLDER / "c" / "snp_node.h").read_text(encoding="utf-8")
    assert re.search(r"#define SNP_ANSWERS 4\b", header)


def test_every_check_of_the_tester_names_a_section() -> None:
    """Each section that the tester cites is a heading of the page."""
    cited = set()
    for path in (FOLDER.parent / "edge" / "node_test").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        cited |= set(re.findall(r'SECTION = "([\d.]+)"', text))
        cited |= set(re.findall(r'Finding\([^)]*?"(\d[\d.]*)"', text))
    headings = set(re.findall(r"^#{2,3} ([\d.]+?)\.? ", PAGE, re.MULTILINE))
    assert len(cited) >= 6
    assert cited <= headings


def test_every_link_within_the_page_has_its_heading() -> None:
    """Contents, types and registries lead somewhere."""
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}
    wanted = set(re.findall(r"\]\(#([^)]+)\)", PAGE))
    assert wanted
    assert wanted <= anchors


def test_a_missing_place_for_a_table_is_named() -> None:
    """A page without the markers of a table is not silently left as it is."""
    source = schema.load(FOLDER / "messages.toml")
    with pytest.raises(schema.SchemaError, match="'types'"):
        emit_markdown.emit(source, PAGE.replace("<!-- table types -->", ""))
