"""Writes simulated recordings: python -m edge.simulator --count 50 --first-seed 1000 [--hard] OUT."""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from rich.progress import track

from edge.simulator.draw import draw_scenario
from edge.simulator.extremes import ALL_TAGS
from edge.simulator.recording import write_recording
from edge.simulator.session import simulate


def write_one(out: Path, seed: int, *, hard: bool, tags: tuple[str, ...]) -> str:
    """Draws, simulates and writes the session of one seed; returns its name."""
    scenario = draw_scenario(seed, hard=hard, tags=tags)
    write_recording(simulate(scenario), out / scenario.name)
    return scenario.name


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m edge.simulator", description=__doc__)
    parser.add_argument("out", type=Path, help="folder that receives one recording folder per session")
    parser.add_argument("--count", type=int, default=10, help="how many sessions (default 10)")
    parser.add_argument("--first-seed", type=int, default=1, help="seed of the first; the others count up from it")
    parser.add_argument("--hard", action="store_true", help="one to three difficulties in each")
    parser.add_argument("--tag", action="append", default=[], choices=sorted(ALL_TAGS), help="this difficulty in each")
    parser.add_argument("--jobs", type=int, default=1, help="processes at once (default 1)")
    given = parser.parse_args(arguments)
    seeds = range(given.first_seed, given.first_seed + given.count)
    work = partial(write_one, given.out, hard=given.hard, tags=tuple(given.tag))
    if given.jobs <= 1:
        for seed in track(seeds, description="simulating"):
            work(seed)
        return
    with ProcessPoolExecutor(given.jobs) as pool:
        for _ in track(pool.map(work, seeds), description="simulating", total=given.count):
            pass


if __name__ == "__main__":
    main()
