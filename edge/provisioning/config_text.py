"""Entries of a configuration file, written into its text so that comments and order stay as they are. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_.\- ]+?)\s*\]\]?\s*(#.*)?$")
LINKS = re.compile(r"^(\s*links\s*=\s*\[)([^\]]*)(\].*)$")


def entry(header: str, values: Mapping[str, Any]) -> str:
    """A table of an array as text; values are texts or whole numbers."""
    lines = [f"{key} = {value}" if isinstance(value, int) else f'{key} = "{value}"' for key, value in values.items()]
    return "\n".join([f"[[{header}]]", *lines])


def put(text: str, header: str, values: Mapping[str, Any], same: Callable[[Mapping[str, Any]], bool]) -> str:
    """The text with an entry of [[header]]; in place of one that is the `same`, else at the end."""
    lines = text.splitlines()
    for start, end in _tables(lines, header):
        if same(_read(lines[start:end])):
            return _joined([*lines[:start], *entry(header, values).splitlines(), *lines[end:]])
    while lines and not lines[-1].strip():
        lines.pop()
    return _joined([*lines, "", *entry(header, values).splitlines()])


def add_link(text: str, parent: int, link: str) -> str:
    """The text with a link in the list `links` of the nth machine, if it has such a list with anything in it."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if _name(line) == "machines"]
    begin = starts[parent]
    for number in range(begin + 1, len(lines)):
        if _name(lines[number]) is not None:
            break
        found = LINKS.match(lines[number])
        if found and found[2].strip() and f'"{link}"' not in found[2]:
            lines[number] = f'{found[1]}{found[2].rstrip().rstrip(",")}, "{link}"{found[3]}'
    return _joined(lines)


def _tables(lines: Sequence[str], header: str) -> list[tuple[int, int]]:
    """Where the tables of an array stand: first line and the one behind the last key."""
    found = []
    for number, line in enumerate(lines):
        if _name(line) != header:
            continue
        end = next((n for n in range(number + 1, len(lines)) if _name(lines[n]) is not None), len(lines))
        while end > number + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
            end -= 1
        found.append((number, end))
    return found


def _name(line: str) -> str | None:
    header = HEADER.match(line)
    return header[1] if header else None


def _read(lines: Sequence[str]) -> Mapping[str, Any]:
    """The keys of one table; nothing where they do not read as TOML."""
    try:
        return tomllib.loads("\n".join(lines[1:]))
    except tomllib.TOMLDecodeError:
        return {}


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"
