"""Writes c/test/vectors.h: the vectors as C arrays, for the self-test on a host and on a processor without files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REASONS = (
    "truncated",
    "version",
    "incompatible",
    "channel",
    "malformed",
    "cobs",
    "crc",
    "too_long",
    "unsynchronised",
    "unknown_type",
)
"""In the order of the C error codes −1 … −9; an unknown type is found by the caller, not by the codec."""

_HEAD = """\
/* Vectors for the self-test. Written by `python -m firmware_protocol.generate` from vectors/: do not edit. */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>

#define REASONS 10

typedef struct { const char *name; const uint8_t *bytes; uint16_t len; uint8_t type, chan; uint16_t seq; } golden;
typedef struct {
  const char *name; uint8_t serial; const uint8_t *bytes; uint16_t len; const uint8_t *expected; uint16_t expected_len;
  uint8_t messages; uint8_t dropped[REASONS];
} line;
typedef struct { const char *name; uint8_t direction; uint16_t epoch; const uint8_t *bytes; uint16_t len; } tagged;
"""


def emit(folder: Path) -> str:
    """The text of vectors.h, from the JSON files in `folder`."""
    parts = [_HEAD]
    parts.append(_goldens(_load(folder / "golden.json")["messages"]))
    parts.append(_lines(_load(folder / "lines.json")["lines"]))
    parts.append(_auth(_load(folder / "auth.json")))
    return "\n".join([*parts, "#endif\n"])


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _array(name: str, data: bytes) -> str:
    body = ",".join(str(b) for b in data) or "0"
    return f"static const uint8_t {name}[] = {{{body}}};"


def _goldens(vectors: list[dict[str, Any]]) -> str:
    datas = [bytes.fromhex(v["bytes"]) for v in vectors]
    lines = [_array(f"golden_{i}", data) for i, data in enumerate(datas)]
    lines.append("static const golden goldens[] = {")
    for i, (v, data) in enumerate(zip(vectors, datas, strict=True)):
        lines.append(f'  {{"{v["name"]}", golden_{i}, {len(data)}, {data[1]}, {v["chan"]}, {v["seq"]}}},')
    return "\n".join([*lines, "};\n"])


def _lines(vectors: list[dict[str, Any]]) -> str:
    lines = []
    for i, v in enumerate(vectors):
        lines.append(_array(f"line_{i}", bytes.fromhex(v["bytes"])))
        lines.append(_array(f"line_{i}_out", bytes.fromhex("".join(v["messages"]))))
    lines.append("static const line lines[] = {")
    for i, v in enumerate(vectors):
        size, out_size = len(v["bytes"]) // 2, len("".join(v["messages"])) // 2
        dropped = ", ".join(str(v["dropped"].get(reason, 0)) for reason in REASONS)
        head = f'"{v["name"]}", {int(v["transport"] == "serial")}, line_{i}, {size}, line_{i}_out, {out_size}'
        lines.append(f"  {{{head}, {len(v['messages'])}, {{{dropped}}}}},")
    return "\n".join([*lines, "};\n"])


def _auth(vectors: dict[str, Any]) -> str:
    names = ("key", "host_nonce", "node_nonce", "session")
    lines = [_array(f"auth_{name}", bytes.fromhex(vectors[name])) for name in names]
    fixed = vectors["fixed_session"]
    lines.append(_array("auth_fixed_session", bytes.fromhex(fixed["session"])))
    tagged = [{"name": "fixed-session", **fixed}, *vectors["tagged"]]
    lines += [_array(f"tagged_{i}", bytes.fromhex(v["bytes"])) for i, v in enumerate(tagged)]
    lines.append("/* The first stands under auth_fixed_session, the others under auth_session. */")
    lines.append("static const tagged taggeds[] = {")
    for i, v in enumerate(tagged):
        size = len(v["bytes"]) // 2
        lines.append(f'  {{"{v["name"]}", {v["direction"]}, {v["epoch"]}, tagged_{i}, {size}}},')
    return "\n".join([*lines, "};\n"])
