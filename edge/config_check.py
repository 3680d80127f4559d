"""Checks a table read from TOML against settings types, and reports everything that is wrong with it at once.

A person who mends a configuration wants the whole list, in the words of the file, with what would be legal; the
decoder that makes the settings stops at the first mistake. So this walks the table along the types first. Pure.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
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
UNKNOWN_KEY = ": unknown key"


class Problem(NamedTuple):
    """One mistake. section: as in the file, "" at its top; text says what is wrong and what would be legal."""

    section: str
    key: str
    text: str

    def __str__(self) -> str:
        """The place and the text, on one line."""
        where = f"[{self.section}] " if self.section else ""
        return f"{where}{self.key}{self.text}"


def problems(
    table: object, settings: type[msgspec.Struct], section: str = "", *, partial: bool = False
) -> Iterator[Problem]:
    """Everything in the table that these settings do not allow; nothing if they can be made from it.

    partial: the table is to be laid over another one, so that it need not make sense alone.
    """
    if not isinstance(table, Mapping):
        yield Problem(section, "", f"= {shown(table)}: must be a table of keys")
        return
    found = [*_unknown(table, settings, section), *_wrong_values(table, settings, section, partial=partial)]
    yield from found
    if not found and not partial:
        yield from _as_a_whole(table, settings, section)


def settings_in(info: shape.Type) -> tuple[type[msgspec.Struct], bool] | None:
    """The settings that a value of this type is checked as, and whether only in part; None for a plain value.

    A table that is kept as written says in its annotation what it is laid over: `Meta(extra={"part_of": ...})`.
    """
    if isinstance(info, shape.StructType):
        return info.cls, False
    if isinstance(info, shape.Metadata):
        part_of = (info.extra or {}).get("part_of")
        return (part_of, True) if part_of else settings_in(info.type)
    return None


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
        case shape.UnionType() if all(isinstance(of, shape.LiteralType) for of in info.types):
            words = "one of " + ", ".join(shown(value) for of in info.types for value in literals(of))
        case shape.UnionType():
            words = legal(_not_none(info), key)
        case shape.IntType():
            words = f"a whole number{_range(info)}{unit(key)}"
        case shape.FloatType():
            words = f"a number{_range(info)}{unit(key)}"
        case shape.BoolType():
            words = "true or false"
        case shape.LiteralType():
            words = "one of " + ", ".join(shown(value) for value in literals(info))
        case shape.VarTupleType():
            words = f"a list; each item is {legal(info.item_type, key)}"
        case shape.StrType():
            words = (
                f"text matching {info.pattern}" if info.pattern else "text, not empty" if info.min_length else "text"
            )
        case _:
            words = "a table of keys"
    return words


def literals(info: shape.Type) -> Sequence[object]:
    """The values of a choice; none of anything else."""
    return info.values if isinstance(info, shape.LiteralType) else ()


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
            yield Problem(section, str(key), f"{UNKNOWN_KEY}; {hint}")


def _wrong_values(table: Table, settings: type[msgspec.Struct], section: str, *, partial: bool) -> Iterator[Problem]:
    for field in msgspec.structs.fields(settings):
        key = field.encode_name
        if key in table:
            yield from _wrong_value(table[key], field.type, Problem(section, key, ""), partial=partial)
        elif field.required and not partial:
            yield Problem(section, key, f": missing; must be {legal(shape.type_info(field.type), key)}")


def _wrong_value(value: object, annotation: Any, at: Problem, *, partial: bool) -> Iterator[Problem]:
    """A value that is settings, a list of them, some by name, or plain."""
    info = bare(shape.type_info(annotation))
    below = f"{at.section}.{at.key}" if at.section else at.key
    if inner := settings_in(info):
        yield from problems(value, inner[0], below, partial=partial or inner[1])
    elif isinstance(info, shape.VarTupleType) and isinstance(value, list) and (inner := settings_in(info.item_type)):
        for number, one in enumerate(value, start=1):
            yield from problems(one, inner[0], f"{below} #{number}")
    elif isinstance(info, shape.DictType) and isinstance(value, Mapping) and (inner := settings_in(info.value_type)):
        for name, one in value.items():
            yield from _wrong_name(name, annotation, below)
            yield from problems(one, inner[0], f"{below}.{name}", partial=inner[1])
    elif not _fits(value, annotation):
        yield Problem(at.section, at.key, f" = {shown(value)}: must be {legal(shape.type_info(annotation), at.key)}")


def bare(info: shape.Type) -> shape.Type:
    """A type without what is said about it, and without None, which cannot be written in TOML."""
    while isinstance(info, shape.Metadata | shape.UnionType):
        if isinstance(info, shape.Metadata):
            if (info.extra or {}).get("part_of"):
                break
            info = info.type
        else:
            info = _not_none(info)
    return info


def _wrong_name(name: str, annotation: Any, section: str) -> Iterator[Problem]:
    """A section's own name. annotation: dict[name's type, ...], perhaps with something said about it."""
    mapping = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    name_type = get_args(mapping)[0]
    if not _fits(name, name_type):
        yield Problem(f"{section}.{name}", "", f"must be named by {legal(shape.type_info(name_type), '')}")


def _fits(value: object, annotation: Any) -> bool:
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError:
        return False
    return not isinstance(value, float) or math.isfinite(value)


def _as_a_whole(table: Table, settings: type[msgspec.Struct], section: str) -> Iterator[Problem]:
    """What only the values together can break: the settings' own check, told by their __post_init__."""
    try:
        msgspec.convert(table, settings)
    except msgspec.ValidationError as error:
        yield Problem(section, "", str(error))
