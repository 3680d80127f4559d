"""Prints both comparisons; see README.md. Run by `make bench`."""

from __future__ import annotations

import asyncio
import sys

from bench.latency import measure_latency
from bench.pipeline_cost import measure_cost


def main() -> None:
    """Run both and print."""
    for line in measure_cost():
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    for line in asyncio.run(measure_latency()):
        sys.stdout.write(line + "\n")


main()
