"""Writes c/snp_messages.h: numbers, a struct per message, and inline readers and writers that cost no flash unused."""

from __future__ import annotations

from firmware_protocol.generator.schema import REST_TYPES, Field, Message, Registry, Row, Schema

_HEAD = """\
/* The messages of the node protocol. Written by `python -m firmware_protocol.generate` from messages.toml: do not edit.
 *
 * snp_put_NAME adds a payload to a message begun with snp_begin; snp_get_NAME reads one, ignores what a later minor
 * version appended, and gives 0, or SNP_MALFORMED where the payload is too short. Runs of bytes, samples and rows are
 * pointers into the payload; rows are read one by one with snp_get_ROW. */
#ifndef SNP_MESSAGES_H
#define SNP_MESSAGES_H

#include "snp.h"

#define SNP_MAJOR {major}
#define SNP_MINOR {minor}
"""

_C_TYPES = {
    "u8": "uint8_t",
    "u16": "uint16_t",
    "u32": "uint32_t",
    "u64": "uint64_t",
    "i16": "int16_t",
    "i32": "int32_t",
}


def emit(schema: Schema) -> str:
    """The text of snp_messages.h."""
    parts = [_HEAD.format(major=schema.major, minor=schema.minor)]
    parts.append(_types(schema))
    parts += [_registry(r) for r in schema.registries.values()]
    parts += [_row(r) for r in schema.rows.values()]
    parts += [_message(schema, m) for m in schema.messages]
    return "\n".join([*parts, "#endif\n"])


def _types(schema: Schema) -> str:
    lines = [f"  SNP_{m.name} = 0x{m.id:02X}," for m in schema.messages]
    return "\n".join(["enum snp_type {", *lines, "};\n"])


def _registry(registry: Registry) -> str:
    prefix = f"SNP_{_upper(registry.name)}"
    if registry.bits:
        lines = [f"#define {prefix}_{v.name} (1ul << {v.value}) /* {v.text} */" for v in registry.values]
        return "\n".join([f"/* {registry.text} */", *lines, ""])
    lines = [f"  {prefix}_{v.name} = {v.value}, /* {v.text} */" for v in registry.values]
    return "\n".join([f"/* {registry.text} */", f"enum {prefix.lower()} {{", *lines, "};\n"])


def _upper(name: str) -> str:
    """ChannelKind as CHANNEL_KIND."""
    return "".join(f"_{c}" if c.isupper() and i else c for i, c in enumerate(name)).upper()


def _row(row: Row) -> str:
    name = f"snp_{_upper(row.name).lower()}"
    lines = [f"/* {row.text} */", f"#define {name.upper()}_SIZE {row.size}", "typedef struct {"]
    lines += [f"  {_member(f)};{_comment(f)}" for f in row.fields]
    lines += [f"}} {name};", f"static inline void snp_get_{name[4:]}({name} *v, const uint8_t *p) {{"]
    lines += _gets(row.fields)
    lines += ["}", f"static inline void snp_put_{name[4:]}(snp_writer *w, const {name} *v) {{"]
    lines += [f"  {_put(f)}" for f in row.fields]
    return "\n".join([*lines, "}\n"])


def _member(field: Field) -> str:
    kind = _C_TYPES[field.base]
    return f"{kind} {field.name}" if field.run == 1 else f"{kind} {field.name}[{field.run}]"


def _comment(field: Field) -> str:
    unit = f"{field.unit}: " if field.unit else ""
    return f" /* {unit}{field.text} */"


def _gets(fields: tuple[Field, ...]) -> list[str]:
    lines, at = [], 0
    for field in fields:
        lines += [f"  {statement}" for statement in _get(field, at)]
        at += field.size
    return lines


def _get(field: Field, at: int) -> list[str]:
    width = field.size // field.run
    if field.run > 1 and field.base == "u8":
        return [f"for (unsigned i = 0; i < {field.run}; i++) v->{field.name}[i] = p[{at} + i];"]
    if field.run > 1:
        read = f"snp_get_{field.base}(p + {at} + {width} * i)"
        return [f"for (unsigned i = 0; i < {field.run}; i++) v->{field.name}[i] = {read};"]
    return [f"v->{field.name} = {f'p[{at}]' if field.base == 'u8' else f'snp_get_{field.base}(p + {at})'};"]


def _put(field: Field) -> str:
    if field.run > 1 and field.base == "u8":
        return f"snp_bytes(w, v->{field.name}, {field.run});"
    if field.run > 1:
        return f"for (unsigned i = 0; i < {field.run}; i++) snp_{field.base}(w, v->{field.name}[i]);"
    return f"snp_{field.base}(w, v->{field.name});"


def _message(schema: Schema, message: Message) -> str:
    name = message.name.lower()
    lines = [f"/* {message.text} */", "typedef struct {"]
    lines += [f"  {_member(f)};{_comment(f)}" for f in message.head]
    lines += _body_members(schema, message)
    lines += [f"}} snp_{name};", *_getter(schema, message, name), *_putter(schema, message, name)]
    return "\n".join(lines) + "\n"


def _body_members(schema: Schema, message: Message) -> list[str]:
    body = message.body
    if body is None:
        return []
    lines = [f"  const uint8_t *{body.name}; /* {body.type_text}: {body.text} */"]
    if body.base in REST_TYPES:
        lines.append(f"  uint8_t {body.name}_len; /* bytes */")
    elif not body.count:
        lines.append(f"  uint8_t {body.name}_count; /* of {schema.rows[body.row].size} bytes each */")
    if message.tail:
        tail = message.tail
        lines.append(f"  const uint8_t *{tail.name}; /* {tail.type_text}, {tail.unit}: {tail.text}; NULL: none */")
    return lines


def _getter(schema: Schema, message: Message, name: str) -> list[str]:
    lines = [f"static inline int snp_get_{name}(snp_{name} *v, const uint8_t *p, uint8_t len) {{"]
    lines.append(f"  if (len < {message.head_size + _fixed_body(schema, message)}) return SNP_MALFORMED;")
    lines += _gets(message.head)
    lines += _get_body(schema, message)
    return [*lines, "  return 0;", "}"]


def _fixed_body(schema: Schema, message: Message) -> int:
    body = message.body
    return schema.rows[body.row].size * int(body.count) if body and body.count.isdigit() else 0


def _get_body(schema: Schema, message: Message) -> list[str]:
    body, head = message.body, message.head_size
    if body is None:
        return []
    lines = [f"  v->{body.name} = p + {head};"]
    if body.base in REST_TYPES:
        return [*lines, f"  v->{body.name}_len = (uint8_t)(len - {head});"]
    row = schema.rows[body.row]
    if not body.count:
        lines.append(f"  if ((len - {head}) % {row.size} != 0) return SNP_MALFORMED;")
        return [*lines, f"  v->{body.name}_count = (uint8_t)((len - {head}) / {row.size});"]
    if body.count.isdigit():
        return lines
    empty = f"v->{body.count} == 0 || " if row.raw else ""
    lines.append(f"  if ({empty}len < {head} + {row.size} * v->{body.count}) return SNP_MALFORMED;")
    if message.tail:
        bit = 1 << schema.bit(message.tail.condition)
        end = f"{head} + {row.size} * v->{body.count}"
        lines += [
            f"  v->{message.tail.name} = v->flags & {bit} ? p + {end} : NULL;",
            f"  if (v->{message.tail.name} && len < {end} + {message.tail.size}) return SNP_MALFORMED;",
        ]
    return lines


def _putter(schema: Schema, message: Message, name: str) -> list[str]:
    lines = [f"static inline void snp_put_{name}(snp_writer *w, const snp_{name} *v) {{"]
    lines += [f"  {_put(f)}" for f in message.head]
    body = message.body
    if body:
        lines.append(f"  snp_bytes(w, v->{body.name}, {_body_size(schema, body)});")
    if message.tail:
        lines.append(f"  if (v->{message.tail.name}) snp_bytes(w, v->{message.tail.name}, {message.tail.size});")
    return [*lines, "}"]


def _body_size(schema: Schema, body: Field) -> str:
    if body.base in REST_TYPES:
        return f"v->{body.name}_len"
    size = schema.rows[body.row].size
    if body.count.isdigit():
        return str(size * int(body.count))
    count = f"v->{body.count}" if body.count else f"v->{body.name}_count"
    return f"(uint16_t)({size} * {count})"
