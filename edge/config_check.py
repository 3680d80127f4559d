"""Checks a table read from TOML against settings types, and reports everything that is wrong with it at once.

A person who mends a configuration wants the whole list, in the words of the file, with what would be legal; the
decoder that makes the settings stops at the first mistake. So this walks the table along the types first. Pure.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias, get_args

import msgspec
from msgspec import inspect as shape

Table: TypeAlias = Mapping[str, Any]

# Longest suffix first: `_deg_s` ends in `_s` too.
UNITS = {
    "_deg_s": "degrees per second",
    "_m_s2": "m/s²",
    "_m_s": "m/s",
    "_deg": "degrees",
    "_kg": "kg",
    "_mm": "mm",
    "_hz": "Hz",
    "_ms": "ms",
    "_pct": "%",
    "_ppm": "ppm",
    "_m": "m",
    "_n": "N",
    "_s": "s",
}
SHOWN_CHARACTERS = 60


class Problem(NamedTuple):
    """One mistake. section: as in the file, "" at its top; text says what is wrong and what would be legal."""

    section: str
    key: str
    text: str

    def __str__(self) -> str:
        """The place and the text, on one line."""
        where = f"[{self.section}] " if self.section else ""
        return f"{where}{self.key}{self.text}"


def problems(table: object, settings: type[msgspec.Struct], section: str = "") -> Iterator[Problem]:
    """Everything in the table that these settings do not allow; nothing if they can be made from it."""
    if not isinstance(table, Mapping):
        yield Problem(section, "", f"= {shown(table)}: must be a table of keys")
        return
    found = [*_unknown(table, settings, section), *_wrong_values(table, settings, section)]
    yield from found
    if not found:
        yield from _as_a_whole(table, settings, section)


def shown(value: object) -> str:
    """A value as it would stand in the file, cut short where it is long."""
    text = repr(value) if isinstance(value, float) else str(msgspec.json.encode(value), "utf-8")
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def unit(key: str) -> str:
    """The unit that a key's name ends in, with a space before it; "" where it has none."""
    return next((f" {name}" for suffix, name in UNITS.items() if key.endswith(suffix)), "")


def legal(info: shape.Type, key: str) -> str:
    """In words, what a value of this type may be: `a number, 0 to 90 degrees`."""
    match info:
        case shape.Metadata():
            words = (info.extra or {}).get("legal") or legal(info.type, key)
        case shape.UnionType():
            words = legal(_not_none(info), key)
        case shape.IntType():
            words = f"a whole number{_range(info)}{unit(key)}"
        case shape.FloatType():
            words = f"a number{_range(info)}{unit(key)}"
        case shape.BoolType():
            words = "true or false"
        case shape.LiteralType():
            words = "one of " + ", ".join(shown(value) for value in info.values)
        case shape.VarTupleType():
            words = f"a list; each item is {legal(info.item_type, key)}"
        case shape.StrType():
            words = "text, not empty" if info.min_length else "text"
        case _:
            words = "a table of keys"
    return words


def _range(info: shape.IntType | shape.FloatType) -> str:
    low, high = info.ge, info.le
    if low is not None and high is not None:
        return f", {low:.12g} to {high:.12g}"
    limits = [("at least", low), ("above", info.gt), ("at most", high), ("below", info.lt)]
    said = " and ".join(f"{word} {limit:.12g}" for word, limit in limits if limit is not None)
    return f", {said}" if said else ""


def _not_none(info: shape.UnionType) -> shape.Type:
    """TOML has no null: of an optional value only the other type can be written."""
    return next(of for of in info.types if not isinstance(of, shape.NoneType))


def _unknown(table: Table, settings: type[msgspec.Struct], section: str) -> Iterator[Problem]:
    known = settings.__struct_encode_fields__
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {near[0]}?" if near else "known here: " + ", ".join(known)
            yield Problem(section, str(key), f": unknown key; {hint}")


def _wrong_values(table: Table, settings: type[msgspec.Struct], section: str) -> Iterator[Problem]:
    for field in msgspec.structs.fields(settings):
        key = field.encode_name
        if key not in table:
            if field.required:
                yield Problem(section, key, f": missing; must be {legal(shape.type_info(field.type), key)}")
            continue
        yield from _wrong_value(table[key], field.type, section, key)


def _wrong_value(value: object, annotation: Any, section: str, key: str) -> Iterator[Problem]:
    info = shape.type_info(annotation)
    inner = info.type if isinstance(info, shape.Metadata) else info
    if isinstance(inner, shape.UnionType):
        inner = _not_none(inner)
    below = f"{section}.{key}" if section else key
    match inner:
        case shape.StructType():
            yield from problems(value, inner.cls, below)
        case shape.VarTupleType(item_type=shape.StructType() as item) if isinstance(value, list):
            for number, one in enumerate(value, start=1):
                yield from problems(one, item.cls, f"{below} #{number}")
        case shape.DictType(value_type=shape.StructType() as item) if isinstance(value, Mapping):
            name_annotation = get_args(annotation)[0]
            for name, one in value.items():
                yield from _wrong_leaf(name, name_annotation, below, "name")
                yield from problems(one, item.cls, f"{below}.{name}")
        case _:
            yield from _wrong_leaf(value, annotation, section, key)


def _wrong_leaf(value: object, annotation: Any, section: str, key: str) -> Iterator[Problem]:
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError:
        fits = False
    else:
        fits = not isinstance(value, float) or math.isfinite(value)
    if not fits:
        yield Problem(section, key, f" = {shown(value)}: must be {legal(shape.type_info(annotation), key)}")


def _as_a_whole(table: Table, settings: type[msgspec.Struct], section: str) -> Iterator[Problem]:
    """What only the values together can break: the settings' own check, told by their __post_init__."""
    try:
        msgspec.convert(table, settings)
    except msgspec.ValidationError as error:
        yield Problem(section, "", str(error))
