"""How right it is: simulated sessions that nothing was tuned on, through the pipeline. Run by `make accuracy`."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

from accuracy.sessions import FIRST_SEED, SUBSETS, Case, run
from accuracy.tables import by_label, by_subset, whole


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="accuracy", description=__doc__)
    parser.add_argument("--plain", type=int, default=150, help="sessions of sound lifters and sensors")
    parser.add_argument("--hard", type=int, default=150, help="sessions with one to three difficulties each")
    parser.add_argument("--each-subset", type=int, default=6, help="sessions with each set of sensors")
    parser.add_argument("--measured", action="store_true", help="legs by a tape, not by the height alone")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    return parser.parse_args()


def main() -> None:
    """Run the sessions and print the tables."""
    asked = _arguments()
    first = asked.first_seed
    cases = [Case(first + i) for i in range(asked.plain)]
    cases += [Case(first + 10_000 + i, hard=True) for i in range(asked.hard)]
    cases += [Case(first + 20_000 + i, subset=name) for name in SUBSETS for i in range(asked.each_subset)]
    cases = [replace(case, measured=asked.measured) for case in cases]
    results = []
    with ProcessPoolExecutor(asked.jobs) as pool:
        for result in pool.map(run, cases):
            results.append(result)
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{len(results)} of {len(cases)} sessions")
    plain = [r for r in results if not r.case.hard and r.case.seed < first + 10_000]
    hard = [r for r in results if r.case.hard]
    parts = [r for r in results if r.case.seed >= first + 20_000]
    tables = (whole("plain", plain), whole("hard", hard), by_label([*plain, *hard]), by_subset(parts))
    sys.stdout.write("\n" + "\n\n".join("\n".join(table) for table in tables) + "\n")


if __name__ == "__main__":
    main()
