"""QR codes as one SVG path, so that a page can draw them without markup from outside."""

from __future__ import annotations

import segno

QUIET = 4
"""Modules of margin, as the standard asks."""


def qr_path(text: str) -> tuple[int, str]:
    """Width in modules, margin included, and the path of the dark ones: one stroke per run, for a viewBox that wide."""
    code = segno.make(text, error="m", micro=False)
    parts: list[str] = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                parts.append(f"M{x + QUIET} {y + QUIET}h{end - x}v1h-{end - x}z")
            x = max(end, x + 1)
    return len(code.matrix) + 2 * QUIET, "".join(parts)


def qr_text(text: str) -> str:
    """A QR code of block characters, for a terminal; light on dark as most are."""
    rows = [list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    shapes = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join("".join(shapes[bool(a), bool(b)] for a, b in zip(*pair, strict=True)) for pair in pairs)
