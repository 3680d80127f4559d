"""Writes c/test/messages_check.h: for each message, print its fields, fill it at random, and encode it again.

With it the two codecs are held against each other, field by field and byte by byte.
"""

from __future__ import annotations

from firmware_protocol.generator.schema import REST_TYPES, Field, Message, Schema

_HEAD = """\
/* Prints, fills and encodes messages. Written by `python -m firmware_protocol.generate`: do not edit.
 *
 * With MESSAGES_CHECK_OUTPUT it needs from its user: out_number(name, value), out_hex(name, bytes, count),
 * out_none(name), random_u64(), and random_bytes(count) and random_text(count), whose results last for one message. */
#ifndef MESSAGES_CHECK_H
#define MESSAGES_CHECK_H

#include "snp_messages.h"
"""


def emit(schema: Schema) -> str:
    """The text of messages_check.h."""
    parts = [_HEAD, _encoder(schema), _reader(schema), "#ifdef MESSAGES_CHECK_OUTPUT\n"]
    for message in schema.messages:
        parts += [_printer(schema, message), _filler(schema, message)]
    parts += [_dispatch(schema), "#endif"]
    return "\n".join([*parts, "#endif\n"])


def _printer(schema: Schema, message: Message) -> str:
    name, body = message.name.lower(), message.body
    lines = [f"static void print_{name}(const snp_{name} *v) {{"]
    for f in message.head:
        if f.run > 1:
            lines.append(f'  out_hex("{f.name}", v->{f.name}, {f.run});')
        elif not body or f.name != body.count:
            lines.append(f'  out_number("{f.name}", (int64_t)v->{f.name});')
    if body:
        lines.append(f'  out_hex("{body.name}", v->{body.name}, {_size(schema, body)});')
    if message.tail:
        tail = message.tail
        lines.append(f'  if (v->{tail.name}) out_hex("{tail.name}", v->{tail.name}, {tail.size});')
        lines.append(f'  else out_none("{tail.name}");')
    return "\n".join([*lines, "}"])


def _size(schema: Schema, body: Field) -> str:
    if body.base in REST_TYPES:
        return f"v->{body.name}_len"
    size = schema.rows[body.row].size
    if body.count.isdigit():
        return str(size * int(body.count))
    return f"{size}u * v->{body.count or body.name + '_count'}"


def _filler(schema: Schema, message: Message) -> str:
    name, body = message.name.lower(), message.body
    lines = [f"static void fill_{name}(snp_{name} *v) {{"]
    for f in message.head:
        if f.run > 1:
            lines.append(f"  memcpy(v->{f.name}, random_bytes({f.run}), {f.run});")
        elif not body or f.name != body.count:
            lines.append(f"  v->{f.name} = ({_c_type(f)})random_u64();")
    if body:
        lines += _fill_body(schema, message, body)
    if message.tail:
        bit = 1 << schema.bit(message.tail.condition)
        lines.append(f"  v->{message.tail.name} = v->flags & {bit} ? random_bytes({message.tail.size}) : NULL;")
    return "\n".join([*lines, "}"])


def _fill_body(schema: Schema, message: Message, body: Field) -> list[str]:
    room = 255 - message.head_size - (message.tail.size if message.tail else 0)
    if body.base in REST_TYPES:
        source = "random_text" if body.base == "text" else "random_bytes"
        return [
            f"  v->{body.name}_len = (uint8_t)(random_u64() % {room + 1});",
            f"  v->{body.name} = {source}(v->{body.name}_len);",
        ]
    row = schema.rows[body.row]
    if body.count.isdigit():
        return [f"  v->{body.name} = random_bytes({row.size * int(body.count)});"]
    count = f"v->{body.count or body.name + '_count'}"
    least, most = (1 if row.raw else 0), room // row.size
    return [
        f"  {count} = (uint8_t)({least} + random_u64() % {most - least + 1});",
        f"  v->{body.name} = random_bytes({row.size}u * {count});",
    ]


def _c_type(field: Field) -> str:
    signed = "int" if field.base.startswith("i") else "uint"
    return f"{signed}{field.base[1:]}_t"


def _encoder(schema: Schema) -> str:
    members = [f"  snp_{m.name.lower()} {m.name.lower()};" for m in schema.messages]
    cases = [
        f"    case SNP_{m.name}: snp_put_{m.name.lower()}(&w, &v->{m.name.lower()}); break;" for m in schema.messages
    ]
    return "\n".join(
        [
            "typedef union {",
            *members,
            "} any_message;",
            "",
            "/* The bytes of a message; gives their number. */",
            "static uint16_t encode_any(const any_message *v, uint8_t type, uint8_t chan, uint16_t seq,",
            "                           uint8_t *out) {",
            "  snp_writer w;",
            "  snp_begin(&w, out, SNP_MESSAGE_MAX, type, chan, seq);",
            "  switch (type) {",
            *cases,
            "  }",
            "  return snp_end(&w);",
            "}",
        ]
    )


def _reader(schema: Schema) -> str:
    names = [(m.name, m.name.lower()) for m in schema.messages]
    gets = [f"    case SNP_{n}: return snp_get_{low}(&v->{low}, m->payload, m->len);" for n, low in names]
    return "\n".join(
        [
            "/* Reads a message. 0; SNP_MALFORMED; or 1 for an unknown type. */",
            "static int read_any(any_message *v, const snp_message *m) {",
            "  switch (m->type) {",
            *gets,
            "  }",
            "  return 1;",
            "}",
        ]
    )


def _dispatch(schema: Schema) -> str:
    names = [(m.name, m.name.lower()) for m in schema.messages]
    prints = [f"    case SNP_{n}: print_{low}(&v->{low}); break;" for n, low in names]
    fills = [f"    case SNP_{n}: fill_{low}(&v->{low}); break;" for n, low in names]
    types = ", ".join(f"SNP_{n}" for n, _ in names)
    return "\n".join(
        [
            "static void print_any(const any_message *v, uint8_t type) {",
            "  switch (type) {",
            *prints,
            "  }",
            "}",
            "static void fill_any(any_message *v, uint8_t type) {",
            "  switch (type) {",
            *fills,
            "  }",
            "}",
            f"static const uint8_t all_types[] = {{{types}}};",
            "",
        ]
    )
