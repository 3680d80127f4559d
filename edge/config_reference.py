"""Writes the commented configuration: every key with its meaning, unit, legal values and default, from the types.

`python -m edge.config_reference > config/edge.toml` renews the file that ships; a test holds the two together.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect as shape
from msgspec.structs import FieldInfo

from edge.config import Config
from edge.config_check import legal, shown

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
}
"""Values for what has no default: one 45° sled with all its sensors behind one hub."""


def reference() -> str:
    """The whole file."""
    return "\n".join([HEAD.rstrip(), *_section(Config, "", EXAMPLE)]) + "\n"


def _section(settings: type[msgspec.Struct], name: str, example: dict[str, Any]) -> Iterator[str]:
    """The keys of one settings type, then the sections below it, as TOML wants it."""
    below = []
    for field in msgspec.structs.fields(settings):
        if (inner := _settings_in(shape.type_info(field.type))) is not None:
            below.append((field, inner))
        else:
            yield from _key(field, example)
    for field, inner in below:
        yield from _below(field, inner, f"{name}.{field.name}" if name else field.name, example.get(field.name))


def _settings_in(info: shape.Type) -> type[msgspec.Struct] | None:
    """The settings type that a field holds, alone, in a list or by name; None for a plain value."""
    match info:
        case shape.StructType():
            return info.cls
        case shape.Metadata():
            return _settings_in(info.type)
        case shape.VarTupleType():
            return _settings_in(info.item_type)
        case shape.DictType():
            return _settings_in(info.value_type)
        case _:
            return None


def _below(field: FieldInfo, inner: type[msgspec.Struct], name: str, examples: Any) -> Iterator[str]:
    """A field that holds settings: one section, one for each list item, or one for each name."""
    info = shape.type_info(field.type)
    told = _told(info, "description") or (inner.__doc__ or "").splitlines()[0]
    if isinstance(examples, list):
        sections = [(f"[[{name}]]", name, one) for one in examples]
    elif isinstance(info.type if isinstance(info, shape.Metadata) else info, shape.DictType):
        sections = [(f"[{name}.{key}]", f"{name}.{key}", one) for key, one in (examples or {}).items()]
    else:
        sections = [(f"[{name}]", name, examples or {})]
    for number, (header, section, example) in enumerate(sections):
        yield ""
        if number == 0:
            yield from _comment(str(told))
        yield header
        yield from _section(inner, section, example)


def _key(field: FieldInfo, example: dict[str, Any]) -> Iterator[str]:
    """One key: what it means and may be, then its line."""
    info = shape.type_info(field.type)
    default = field.default
    if field.required:
        stands, written = "no default: must be set", None
    elif default is None:
        stands, written = "not set by default", (_told(info, "examples") or [None])[0]
    else:
        stands, written = f"default {shown(default)}", default
    may_be = legal(info, field.name)
    yield from _comment(f"{_told(info, 'description')} {may_be[0].upper()}{may_be[1:]}; {stands}.")
    if field.name in example:
        yield f"{field.name} = {shown(example[field.name])}"
    else:
        yield f"#{field.name} = {shown(written)}"


def _comment(text: str) -> Iterator[str]:
    return (f"# {line}" for line in textwrap.wrap(text, WIDTH))


def _told(info: shape.Type, about: str) -> Any:
    """What an annotation tells under this name, wherever it stands around or within the type."""
    if isinstance(info, shape.Metadata):
        own = (info.extra_json_schema or {}).get(about)
        return _told(info.type, about) if own is None else own
    if isinstance(info, shape.UnionType):
        return next((told for one in info.types if (told := _told(one, about)) is not None), None)
    return None


if __name__ == "__main__":
    sys.stdout.write(reference())
