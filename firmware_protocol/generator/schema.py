"""messages.toml as typed values, checked: what the emitters write from."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCALARS = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i16": "h", "i32": "i"}
WIDTHS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "i16": 2, "i32": 4}
REST_TYPES = ("text", "bytes", "message")


class SchemaError(ValueError):
    """messages.toml contradicts itself; the text says where."""


@dataclass(frozen=True, slots=True)
class Value:
    """One number of a registry, and its name."""

    value: int
    name: str
    text: str
    type: str
    unit: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Numbers with names; `bits`: the numbers are bit positions."""

    name: str
    bits: bool
    text: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a payload or a row. base: a scalar type, "rows" or a rest type; run: how many scalars."""

    name: str
    base: str
    run: int
    row: str
    count: str
    condition: str
    registry: str
    unit: str
    text: str

    @property
    def is_scalar_run(self) -> bool:
        """Whether the field has a fixed number of scalars."""
        return self.base in SCALARS

    @property
    def size(self) -> int:
        """Bytes of a scalar run."""
        return WIDTHS[self.base] * self.run

    @property
    def format(self) -> str:
        """The `struct` format of a scalar run; longer runs are byte strings."""
        return SCALARS[self.base] if self.run == 1 else f"{self.size}s"

    @property
    def type_text(self) -> str:
        """The type as a table shows it."""
        if self.base == "rows":
            return f"{self.count or 'rest'} × {self.row}"
        if self.base in REST_TYPES:
            return f"{self.base} (rest)"
        return self.base if self.run == 1 else f"{self.base}[{self.run}]"


@dataclass(frozen=True, slots=True)
class Row:
    """What repeats inside a payload; raw rows stay bytes when decoded."""

    name: str
    text: str
    raw: bool
    fields: tuple[Field, ...]

    @property
    def size(self) -> int:
        """Bytes of one row."""
        return sum(field.size for field in self.fields)


@dataclass(frozen=True, slots=True)
class Message:
    """One message type: a head of scalars, then at most one variable part, then at most one conditional field."""

    id: int
    name: str
    direction: str
    text: str
    fields: tuple[Field, ...]

    @property
    def class_name(self) -> str:
        """IMU_BATCH as ImuBatch."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    @property
    def head(self) -> tuple[Field, ...]:
        """The unconditional scalar fields before the variable part."""
        return tuple(f for f in self.fields if f.is_scalar_run and not f.condition)

    @property
    def head_size(self) -> int:
        """Bytes of the head."""
        return sum(field.size for field in self.head)

    @property
    def body(self) -> Field | None:
        """The variable part."""
        return next((f for f in self.fields if not f.is_scalar_run), None)

    @property
    def is_batch(self) -> bool:
        """Whether the head is the batch prefix."""
        return [f.name for f in self.head] == ["t0_us", "dt_ns", "n0", "count", "flags"]

    @property
    def tail(self) -> Field | None:
        """The conditional field."""
        return next((f for f in self.fields if f.condition), None)


@dataclass(frozen=True, slots=True)
class Schema:
    """The whole of messages.toml."""

    name: str
    major: int
    minor: int
    registries: dict[str, Registry]
    rows: dict[str, Row]
    messages: tuple[Message, ...]

    def bit(self, condition: str) -> int:
        """The bit position that `flags.NAME` of a batch means."""
        wanted = condition.split(".", 1)[1]
        return next(v.value for v in self.registries["BatchFlags"].values if v.name == wanted)


def load(path: Path) -> Schema:
    """Reads and checks messages.toml. Raises SchemaError."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    schema = Schema(
        name=raw["name"],
        major=raw["major"],
        minor=raw["minor"],
        registries={r["name"]: _registry(r) for r in raw["registry"]},
        rows={r["name"]: _row(r) for r in raw["row"]},
        messages=tuple(_message(m) for m in raw["message"]),
    )
    _check(schema)
    return schema


def _registry(raw: dict[str, Any]) -> Registry:
    values = tuple(Value(v["value"], v["name"], v["text"], v.get("type", ""), v.get("unit", "")) for v in raw["values"])
    return Registry(raw["name"], raw.get("bits", False), raw["text"], values)


def _row(raw: dict[str, Any]) -> Row:
    return Row(raw["name"], raw["text"], raw.get("raw", False), tuple(_field(f) for f in raw["fields"]))


def _message(raw: dict[str, Any]) -> Message:
    fields = tuple(_field(f) for f in raw["fields"])
    return Message(raw["id"], raw["name"], raw["direction"], raw["text"], fields)


def _field(raw: dict[str, Any]) -> Field:
    base, run, row = _type(raw["type"])
    return Field(
        name=raw["name"],
        base=base,
        run=run,
        row=row,
        count=raw.get("count", ""),
        condition=raw.get("if", ""),
        registry=raw.get("registry", ""),
        unit=raw.get("unit", ""),
        text=raw["text"],
    )


def _type(text: str) -> tuple[str, int, str]:
    if text.startswith("rows:"):
        return "rows", 0, text.removeprefix("rows:")
    if text in REST_TYPES:
        return text, 0, ""
    match = re.fullmatch(r"([ui]\d+)(?:\[(\d+)\])?", text)
    if not match or match[1] not in SCALARS:
        raise SchemaError(f"unknown type {text!r}")
    return match[1], int(match[2] or 1), ""


def _check(schema: Schema) -> None:
    ids = [m.id for m in schema.messages]
    if len(set(ids)) != len(ids) or ids != sorted(ids):
        raise SchemaError("message ids must be unique and rising")
    for message in schema.messages:
        _check_message(schema, message)


def _check_message(schema: Schema, message: Message) -> None:
    variable = [f for f in message.fields if not f.is_scalar_run]
    if len(variable) > 1:
        raise SchemaError(f"{message.name}: at most one variable part")
    order = [*message.head, *variable, *([message.tail] if message.tail else [])]
    if list(message.fields) != order:
        raise SchemaError(f"{message.name}: scalars first, then the variable part, then the conditional field")
    for field in message.fields:
        if field.base == "rows" and field.row not in schema.rows:
            raise SchemaError(f"{message.name}.{field.name}: no row {field.row!r}")
        if field.registry and field.registry not in schema.registries:
            raise SchemaError(f"{message.name}.{field.name}: no registry {field.registry!r}")
