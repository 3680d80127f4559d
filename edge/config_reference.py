"""Writes the commented configuration: every key with its meaning, unit, legal values and default, from the types.

`python -m edge.config_reference > config/edge.toml` renews the file that ships; a test holds the two together.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect as shape
from msgspec.structs import FieldInfo

from edge.config import Config
from edge.config_check import bare, legal, settings_in, shown

WIDTH = 116
HEAD = """\
# sledguard: the configuration of one edge box. Every setting is here, with what it means, what it may be and its
# default. A line that begins with # and a key stands at its default, or shows an example where nothing is the default;
# take the # away to set it. Unknown keys, wrong types and values out of range are refused, all in one go, by:
#
#   sledguard check-config edge.toml
"""

EXAMPLE: dict[str, Any] = {
    "serial": [{"link": "hub", "device": "/dev/serial/by-id/usb-sledguard_hub-if00"}],
    "machines": [{"id": "press-1", "rail_angle_deg": 45.0, "height_m": 1.75}],
}
"""Values for what has no sensible default: one 45° sled whose sensors all speak through one hub."""


class Section(NamedTuple):
    """One section to write. values: what is to stand in it as set; off: the whole section is an example, behind #."""

    header: str
    name: str
    values: dict[str, Any]
    off: bool = False


def reference() -> str:
    """The whole file."""
    return "\n".join([HEAD.rstrip(), *_keys_and_sections(Config, Section("", "", EXAMPLE))]) + "\n"


def _keys_and_sections(settings: type[msgspec.Struct], within: Section) -> Iterator[str]:
    """The keys of one settings type, then the sections below it, as TOML wants it."""
    below = []
    for field in msgspec.structs.fields(settings):
        if (inner := _settings_below(shape.type_info(field.type))) is not None:
            below.append((field, *inner))
        else:
            yield from _key(field, within)
    for field, inner_settings, partial in below:
        info = shape.type_info(field.type)
        sections = list(_sections(field, within))
        for number, section in enumerate(sections):
            yield from ["", *_comment(told(info, "description") or inner_settings.__doc__)] if number == 0 else [""]
            if section.header.startswith("[[") or _has_keys(inner_settings):
                yield f"{'#' if section.off else ''}{section.header}"
            yield from _as_written(section) if partial else _keys_and_sections(inner_settings, section)


def _has_keys(settings: type[msgspec.Struct]) -> bool:
    return any(not _settings_below(shape.type_info(field.type)) for field in msgspec.structs.fields(settings))


def _as_written(section: Section) -> Iterator[str]:
    """A table that is laid over another: an example of it, with nothing said of what it leaves out."""
    tables = {key: value for key, value in section.values.items() if isinstance(value, dict)}
    yield from (f"#{key} = {shown(value)}" for key, value in section.values.items() if key not in tables)
    for key, values in tables.items():
        below = Section(f"[{section.name}.{key}]", f"{section.name}.{key}", values, section.off)
        if any(not isinstance(value, dict) for value in values.values()):
            yield f"#{below.header}"
        yield from _as_written(below)


def _settings_below(info: shape.Type) -> tuple[type[msgspec.Struct], bool] | None:
    """The settings that a field holds, alone, in a list or by name."""
    within = bare(info)
    if isinstance(within, shape.VarTupleType):
        return settings_in(within.item_type)
    return settings_in(within.value_type if isinstance(within, shape.DictType) else within)


def _sections(field: FieldInfo, within: Section) -> Iterator[Section]:
    """One section, or one for each list item or name; where nothing is set, the annotation's example, behind #."""
    name = f"{within.name}.{field.name}" if within.name else field.name
    info = shape.type_info(field.type)
    off = within.off or field.name not in within.values
    values = within.values.get(field.name) or (told(info, "examples") or [None])[0]
    if isinstance(values, list):
        yield from (Section(f"[[{name}]]", name, one, off) for one in values)
    elif isinstance(bare(info), shape.DictType):
        yield from (Section(f"[{name}.{key}]", f"{name}.{key}", one, off) for key, one in (values or {}).items())
    else:
        yield Section(f"[{name}]", name, values or {}, within.off)


def _key(field: FieldInfo, within: Section) -> Iterator[str]:
    """One key: what it means and may be, then its line."""
    info = shape.type_info(field.type)
    written = field.default
    if field.required:
        stands = "no default: must be set"
    elif written is None:
        stands = "not set by default"
        written = (told(info, "examples") or [None])[0]
    else:
        stands = f"default {shown(written)}"
    may_be = legal(info, field.name)
    yield from _comment(f"{told(info, 'description')} {may_be[0].upper()}{may_be[1:]}; {stands}.")
    is_set = field.name in within.values and not within.off
    yield f"{'' if is_set else '#'}{field.name} = {shown(within.values.get(field.name, written))}"


def _comment(text: str | None) -> Iterator[str]:
    """Wrapped comment lines; of a docstring, its first paragraph."""
    paragraph = (text or "").partition("\n\n")[0]
    return (f"# {line}" for line in textwrap.wrap(" ".join(paragraph.split()), WIDTH))


def told(info: shape.Type, about: str) -> Any:
    """What an annotation tells under this name, wherever it stands around or within the type."""
    if isinstance(info, shape.Metadata):
        own = (info.extra_json_schema or {}).get(about)
        return told(info.type, about) if own is None else own
    if isinstance(info, shape.UnionType):
        return next((found for one in info.types if (found := told(one, about)) is not None), None)
    return None


if __name__ == "__main__":
    sys.stdout.write(reference())
