"""Holds the Python codec against the C codec on random messages, both ways.

As a script: `python crosscheck.py BINARY COUNT [SEED]`, where BINARY is what `make crosscheck` builds.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from firmware_protocol import wire
from firmware_protocol.framing import frame
from firmware_protocol.layouts import Batch, Fixed, Layout, Rest, Rows
from firmware_protocol.messages import LAYOUTS, Payload


def random_payload(random: Random, layout: Layout) -> bytes:
    """Bytes of a payload of this layout, which every reader must take: made without the encoder."""
    if isinstance(layout, Batch):
        orientation = layout.name == "IMU_BATCH" and random.random() < 0.5
        flags = random.randrange(256) & ~32 | 32 * orientation
        count = random.randint(1, (255 - 12 - 8) // layout._sample_size)
        head = random.randbytes(10) + bytes([count, flags if layout.name == "IMU_BATCH" else random.randrange(256)])
        return head + random.randbytes(count * layout._sample_size + 8 * orientation)
    if isinstance(layout, Rows):
        rows = random.randint(0, (255 - layout._head.size) // layout._row.size)
        head = bytearray(random.randbytes(layout._head.size))
        if layout._count_index is not None:
            head[layout._count_index] = rows
        return bytes(head) + random.randbytes(rows * layout._row.size)
    assert isinstance(layout, Fixed)
    head = random.randbytes(layout._head.size)
    if not isinstance(layout, Rest):
        return head
    if layout._text:
        text = "".join(random.choices("aZ 0é°±漢🦵", k=random.randint(0, 60)))
        return head + text.encode()
    return head + random.randbytes(random.randint(0, 255 - len(head)))


def random_message(random: Random) -> wire.Message:
    """A message that every reader must take."""
    kind = random.choice(sorted(LAYOUTS))
    payload = random_payload(random, LAYOUTS[kind])
    return wire.Message(kind, random.randrange(32), random.randrange(0x10000), payload)


def fields(text: str) -> dict[str, str]:
    """The name=value pairs of a line."""
    return dict(pair.split("=", 1) for pair in text.split() if "=" in pair)


def shown(payload: Payload) -> dict[str, str]:
    """The fields of a payload as the C program shows them."""
    return {name: _shown(name, value) for name, value in payload._asdict().items()}


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return "x" + value.encode().hex()
    if isinstance(value, bytes):
        return "x" + value.hex()
    layout = LAYOUTS[0x02 if name == "channels" else 0x26]
    assert isinstance(layout, Rows)
    return "x" + b"".join(layout._row.pack(*row) for row in value).hex()


def compare(message: wire.Message, line: str) -> None:
    """Both codecs must see the same fields in a message, and make the same bytes and frame of them."""
    payload = wire.read(message)
    said = fields(line)
    expected = message.encode()
    assert line.split()[:3] == [str(message.type), str(message.chan), str(message.seq)], line
    assert wire.encode(payload, chan=message.chan, seq=message.seq) == expected, line
    assert said.pop("bytes") == "x" + expected.hex(), line
    assert said.pop("frame") == "x" + frame(expected).hex(), line
    assert said == shown(payload), line


def from_python(binary: Path, count: int, seed: int) -> Iterator[tuple[wire.Message, str]]:
    """Messages made here, and what the C codec says of them."""
    random = Random(seed)  # noqa: S311
    messages = [random_message(random) for _ in range(count)]
    sent = "".join(message.encode().hex() + "\n" for message in messages)
    run = subprocess.run([binary, "echo"], input=sent, capture_output=True, text=True, check=True)
    yield from zip(messages, run.stdout.splitlines(), strict=True)


def from_c(binary: Path, count: int, seed: int) -> Iterator[tuple[wire.Message, str]]:
    """Messages that the C codec made up, and what it says of them."""
    run = subprocess.run([binary, "random", str(seed), str(count)], capture_output=True, text=True, check=True)
    for line in run.stdout.splitlines():
        (message,) = wire.cut(bytes.fromhex(fields(line)["bytes"][1:]), Counter())
        yield message, line


def crosscheck(binary: Path, count: int, seed: int) -> Counter[int]:
    """Compares `count` messages each way; how many there were of each type."""
    kinds: Counter[int] = Counter()
    for source in (from_python, from_c):
        for message, line in source(binary, count, seed):
            compare(message, line)
            kinds[message.type] += 1
    return kinds


if __name__ == "__main__":
    counted = crosscheck(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    sys.stdout.write(
        f"{counted.total()} messages of {len(counted)} types, half made in Python, half in C: "
        "fields, bytes and frames are the same\n"
    )
