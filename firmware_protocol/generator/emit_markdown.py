"""Puts the tables of messages.toml into PROTOCOL.md, between its markers; the words around them are written by hand."""

from __future__ import annotations

from collections.abc import Sequence

from firmware_protocol.generator.schema import Field, Message, Registry, Row, Schema, SchemaError

_DIRECTIONS = {"down": "host → node", "up": "node → host", "both": "both ways"}


def emit(schema: Schema, page: str) -> str:
    """The page with every block between `<!-- table NAME -->` and `<!-- end -->` written anew."""
    for name, text in (("types", _types(schema)), ("messages", _messages(schema)), ("registries", _registries(schema))):
        begin, end = f"<!-- table {name} -->\n", "<!-- end -->"
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise SchemaError(f"PROTOCOL.md has no place for the table {name!r}")
        page = before + begin + text + end + after
    return page


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _types(schema: Schema) -> str:
    rows = [
        (f"`{m.id:02X}`", f"[{m.name}](#{m.name.lower()})", _DIRECTIONS[m.direction], m.text) for m in schema.messages
    ]
    return _table(("type", "name", "direction", "what"), rows)


def _messages(schema: Schema) -> str:
    return "\n".join(_message(schema, m) for m in schema.messages) + "\n" + "\n".join(map(_row, schema.rows.values()))


def _message(schema: Schema, message: Message) -> str:
    size = f"{message.head_size} bytes" if not message.body else f"{message.head_size} bytes and more"
    title = f"#### {message.name}\n\n`{message.id:02X}`, {_DIRECTIONS[message.direction]}, {size}. {message.text}\n\n"
    rows: list[tuple[str, ...]] = []
    at = 0
    for field in message.fields:
        place = str(at) if field.is_scalar_run and not field.condition else "then"
        rows.append((place, *_field(field)))
        at += field.size if field.is_scalar_run else 0
    return title + _table(("at", "type", "field", "unit", "what"), rows)


def _field(field: Field) -> tuple[str, str, str, str]:
    condition = f" (only with flag {field.condition.split('.')[1]})" if field.condition else ""
    registry = f" ([{field.registry}](#{field.registry.lower()}))" if field.registry else ""
    return field.type_text, f"`{field.name}`", field.unit, f"{field.text}{registry}{condition}"


def _row(row: Row) -> str:
    rows: list[tuple[str, ...]] = []
    at = 0
    for field in row.fields:
        rows.append((str(at), *_field(field)))
        at += field.size
    return f"#### {row.name}\n\n{row.size} bytes. {row.text}\n\n" + _table(
        ("at", "type", "field", "unit", "what"), rows
    )


def _registries(schema: Schema) -> str:
    return "\n".join(_registry(r) for r in schema.registries.values())


def _registry(registry: Registry) -> str:
    title = f"#### {registry.name}\n\n{registry.text}\n\n"
    if any(v.type for v in registry.values):
        rows = [(_number(v.value), v.name, f"`{v.type}`", v.unit, v.text) for v in registry.values]
        return title + _table(("key", "name", "value", "unit", "what"), rows)
    heading = "bit" if registry.bits else "value"
    return title + _table((heading, "name", "what"), [(_number(v.value), v.name, v.text) for v in registry.values])


def _number(value: int) -> str:
    return f"`0x{value:04X}`" if value > 255 else str(value)
