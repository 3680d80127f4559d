"""What is generated equals what messages.toml says."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_protocol import generate
from firmware_protocol.generator import schema

SOURCE = (Path(generate.__file__).parent / "messages.toml").read_text(encoding="utf-8")


def test_generated_files_are_up_to_date() -> None:
    """Nobody has edited a generated file, and messages.toml has no change that was not generated."""
    assert generate.stale() == []


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("id = 0x03", "id = 0x02", "unique and rising"),
        ('type = "u8[8]", name = "node_nonce"', 'type = "u9", name = "node_nonce"', "unknown type"),
        ("rows:Channel", "rows:Chanel", "no row"),
        ('registry = "AckCode"', 'registry = "Akk"', "no registry"),
        (
            '{ type = "u8", name = "sub", text = "the hub\'s number for that node" },',
            '{ type = "bytes", name = "sub", text = "x" },',
            "one variable part",
        ),
    ],
)
def test_a_contradiction_in_the_source_is_named(tmp_path: Path, old: str, new: str, match: str) -> None:
    """A wrong messages.toml is refused with the place, never generated from."""
    assert old in SOURCE
    path = tmp_path / "messages.toml"
    path.write_text(SOURCE.replace(old, new), encoding="utf-8")
    with pytest.raises(schema.SchemaError, match=match):
        schema.load(path)
