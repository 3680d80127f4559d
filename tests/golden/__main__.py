"""Writes what is told of the kept bytes anew; `--record` makes the bytes anew, too. Run by `make golden`."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from golden.cases import CASES, bytes_file, events_file, record, told, unpack


def main() -> None:
    """Write every case; a case without bytes gets them."""
    with TemporaryDirectory() as folder:
        for name in CASES:
            if "--record" in sys.argv or not bytes_file(name).exists():
                path = Path(folder) / f"{name}.new"
                record(name, path)
                bytes_file(name).write_bytes(gzip.compress(path.read_bytes(), mtime=0))
            events = told(unpack(name, Path(folder)))
            events_file(name).write_text("".join(json.dumps(event) + "\n" for event in events))
            sys.stdout.write(f"{name}: {len(events)} events, {bytes_file(name).stat().st_size >> 10} KiB\n")


if __name__ == "__main__":
    main()
