"""The parts put together: what each machine of a box gets of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge import assembly
from edge.assembly import Boot, pipeline_seed
from edge.config import Config
from edge.machine import MachineSettings
from edge.pipelines import live_pipeline
from edge.settings import BoxSettings, LogSettings, SerialSettings
from edge.sources.byte_log import open_log

BOOT = Boot("b-01020304", 7)
CONFIG = Config(
    box=BoxSettings(gym="g", id="box"),
    serial=(SerialSettings(link="one", device="/dev/null"), SerialSettings(link="two", device="/dev/null")),
    machines=(MachineSettings(id="press", links=("one",)), MachineSettings(id="hack", links=("two",))),
)


def test_seeds_are_had_once() -> None:
    """Machines of one box, starts of one machine and starts of the box all differ; the same start gives the same."""
    seeds = [pipeline_seed(boot, machine, restarts) for boot in (BOOT, Boot("b", 8)) for machine in ("press", "hack")
             for restarts in (0, 1)]  # fmt: skip
    assert len(set(seeds)) == len(seeds)
    assert pipeline_seed(BOOT, "press") == pipeline_seed(Boot("other", 7), "press", 0)


def test_byte_log_names_the_seed_of_the_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replay of the log begins with the seed of the live run; a pipeline that begins anew gets another."""
    seeds = []

    def kept(settings, links, seed, keys=None):  # type: ignore[no-untyped-def]
        seeds.append(seed)
        return live_pipeline(settings, links, seed, keys)

    monkeypatch.setattr(assembly, "live_pipeline", kept)
    config = Config(
        box=CONFIG.box, serial=CONFIG.serial, machines=CONFIG.machines, log=LogSettings(raw_bytes_dir=str(tmp_path))
    )
    machines = [assembly._machine(config, name, [], BOOT, None) for name in ("press", "hack")]
    machines[0]._guarded(lambda: 1 // 0)  # type: ignore[arg-type]
    for machine in machines:
        machine.end(0)
    logs = {log.about["machine"]: log.about["seed"] for log in map(open_log, tmp_path.glob("*.bytes"))}
    assert [logs["press"], logs["hack"]] == seeds[:2]
    assert len(set(seeds)) == 3
