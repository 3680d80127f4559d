"""Writes registries.py (numbers with names) and messages.py (a NamedTuple and a layout per message)."""

from __future__ import annotations

from firmware_protocol.generator.schema import Field, Message, Registry, Row, Schema

_REGISTRIES = '''\
"""Numbers with names. Written by `python -m firmware_protocol.generate` from messages.toml: do not edit."""

from __future__ import annotations

from enum import IntEnum, IntFlag
'''

_MESSAGES = '''\
"""The messages of the node protocol. Written by `python -m firmware_protocol.generate` from messages.toml: do not edit.

Each is a tuple of its fields as they stand on the wire; samples stay raw bytes, which `scaling` turns into SI.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from firmware_protocol.layouts import Batch, Counted, Fixed, Layout, Rest, Rows

MAJOR: Final = {major}
MINOR: Final = {minor}
'''


def emit_registries(schema: Schema) -> str:
    """The text of registries.py."""
    return "\n\n".join([_REGISTRIES, *(_registry(r) for r in schema.registries.values())])


def emit_messages(schema: Schema) -> str:
    """The text of messages.py."""
    parts = [_MESSAGES.format(major=schema.major, minor=schema.minor)]
    parts += [_row(r) for r in schema.rows.values() if not r.raw]
    parts += [_message(schema, m) for m in schema.messages]
    parts.append(_tables(schema))
    return "\n\n".join(parts)


def _registry(registry: Registry) -> str:
    base = "IntFlag" if registry.bits else "IntEnum"
    lines = [f"class {registry.name}({base}):", f'    """{registry.text}"""', ""]
    for value in registry.values:
        number = f"1 << {value.value}" if registry.bits else f"{value.value:#06x}" if value.value > 255 else value.value
        lines.append(f"    {value.name} = {number}")
    return "\n".join(lines) + "\n"


def _row(row: Row) -> str:
    lines = [f"class {row.name}(NamedTuple):", f'    """{row.text}"""', ""]
    lines += [f"    {f.name}: int" for f in row.fields]
    return "\n".join(lines) + "\n"


def _message(schema: Schema, message: Message) -> str:
    lines = [f"class {message.class_name}(NamedTuple):", f'    """{message.text}"""', ""]
    counts = {f.count for f in message.fields}
    lines += [f"    {f.name}: {_annotation(schema, f)}" for f in message.fields if f.name not in counts]
    return "\n".join(lines) + "\n"


def _annotation(schema: Schema, field: Field) -> str:
    if field.base == "rows":
        return "bytes" if schema.rows[field.row].raw else f"tuple[{field.row}, ...]"
    if field.base == "text":
        return "str"
    if field.base in ("bytes", "message") or field.run > 1:
        return "bytes | None" if field.condition else "bytes"
    return "int"


def _layout(schema: Schema, message: Message) -> str:
    name, cls, body = message.name, message.class_name, message.body
    head = '"<' + "".join(f.format for f in message.head) + '"'
    if body is None:
        return f'Fixed("{name}", {cls}, {head})'
    if body.base != "rows":
        return f'Rest("{name}", {cls}, {head}, text={body.base == "text"})'
    row = schema.rows[body.row]
    if row.raw and message.is_batch:
        tail = f", tail_flag={1 << schema.bit(message.tail.condition)}" if message.tail else ""
        return f'Batch("{name}", {cls}, {row.size}{tail})'
    if row.raw:
        return f'Counted("{name}", {cls}, {head}, {row.size * int(body.count)})'
    index = [f.name for f in message.head].index(body.count) if body.count else None
    row_format = "<" + "".join(f.format for f in row.fields)
    return f'Rows("{name}", {cls}, {head}, ({row.name}, "{row_format}"), {index})'


def _tables(schema: Schema) -> str:
    names = [m.class_name for m in schema.messages]
    lines = ["Payload: TypeAlias = ("]
    lines += [f"    {'| ' if i else ''}{n}" for i, n in enumerate(names)]
    lines += [")", "", "LAYOUTS: Final[dict[int, Layout]] = {"]
    lines += [f"    0x{m.id:02X}: {_layout(schema, m)}," for m in schema.messages]
    lines += ["}", "", "TYPES: Final[dict[type, int]] = {"]
    lines += [f"    {m.class_name}: 0x{m.id:02X}," for m in schema.messages]
    return "\n".join([*lines, "}"]) + "\n"
