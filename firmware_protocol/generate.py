"""Writes what comes from messages.toml; `--check` only compares, for CI, and exits with 1 on any difference."""

from __future__ import annotations

import sys
from pathlib import Path

from firmware_protocol.generator import emit_c, emit_c_check, emit_c_vectors, emit_markdown, emit_python, schema

HERE = Path(__file__).parent


def outputs() -> dict[Path, str]:
    """Every generated file and the text it must have."""
    source = schema.load(HERE / "messages.toml")
    page = HERE / "PROTOCOL.md"
    return {
        HERE / "registries.py": emit_python.emit_registries(source),
        HERE / "messages.py": emit_python.emit_messages(source),
        page: emit_markdown.emit(source, page.read_text(encoding="utf-8")),
        HERE / "c" / "snp_messages.h": emit_c.emit(source),
        HERE / "c" / "test" / "messages_check.h": emit_c_check.emit(source),
        HERE / "c" / "test" / "vectors.h": emit_c_vectors.emit(HERE / "vectors"),
    }


def stale() -> list[Path]:
    """The generated files that differ from messages.toml."""
    return [p for p, text in outputs().items() if not p.exists() or p.read_text(encoding="utf-8") != text]


def main(arguments: list[str]) -> int:
    """Writes the stale files, or with --check names them."""
    different = stale()
    for path in different:
        sys.stdout.write(f"{'differs' if '--check' in arguments else 'written'}: {path.name}\n")
        if "--check" not in arguments:
            path.write_text(outputs()[path], encoding="utf-8")
    return 1 if different and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
