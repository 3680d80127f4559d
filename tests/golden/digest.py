"""Prints, as JSON, which modules run compiled and a digest of all that is told of the kept byte logs."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from golden.cases import CASES, unpack

from edge.pipelines import logged_pipeline
from edge.player import play_bytes
from edge.sources.byte_log import open_log


def digest(path: Path) -> str:
    """Of every event and every row of signals of a byte log."""
    log, told = open_log(path), sha256()
    pipeline = logged_pipeline(log.about, path, keep_signals=True)
    for step in play_bytes(pipeline, log.entries()):
        told.update(msgspec.json.encode(step.events))
        told.update(repr(pipeline.take_signals()).encode())
    return told.hexdigest()


def main() -> None:
    """Print: arguments are names of modules."""
    with TemporaryDirectory() as folder:
        said = {name: digest(unpack(name, Path(folder))) for name in CASES}
    compiled = [name for name in sys.argv[1:] if not str(import_module(name).__file__).endswith(".py")]
    json.dump({"said": said, "compiled": compiled}, sys.stdout)


if __name__ == "__main__":
    main()
