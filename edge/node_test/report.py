"""The findings for people and for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from edge.node_test.examination import Examination
from firmware_protocol.messages import MAJOR, MINOR

STYLES = {"PASS": "green", "WARN": "yellow", "FAIL": "bold red", "SKIP": "dim"}


def show(examination: Examination, console: Console) -> None:
    """The findings as a table, and the verdict."""
    table = Table(box=None, pad_edge=False)
    for heading in ("", "check", "section", "finding"):
        table.add_column(heading)
    for f in examination.findings.all():
        table.add_row(f"[{STYLES[f.verdict]}]{f.verdict}[/]", f.check, f.section, f.text)
    console.print(table)
    count = examination.findings.count
    console.print(
        f"{count('PASS')} passed, {count('WARN')} warnings, {count('FAIL')} failed, {count('SKIP')} not tested: "
        + ("the node conforms" if examination.findings.passed else "the node does not conform")
        + f" to protocol {MAJOR}.{MINOR}. Sections are of firmware_protocol/PROTOCOL.md."
    )


def write(examination: Examination, path: Path) -> None:
    """The findings as JSON."""
    info = examination.known.info
    document = {
        "protocol": f"{MAJOR}.{MINOR}",
        "node_id": f"{info.node_id:016x}" if info else None,
        "stream_s": examination.plan.stream_s,
        "passed": examination.findings.passed,
        "findings": [asdict(f) for f in examination.findings.all()],
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
