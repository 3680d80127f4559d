"""The examination against the simulated C node: the good one passes, each planted defect is found and named."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from virtual_node import VirtualNode, build_sim, examine

from edge.node_test.examination import Examination, Plan

KEY = bytes(range(16))
STREAM_S = 15.0

FOUND_BY = {
    "wrong-rate": "rate",
    "uncounted-loss": "times",
    "send-time": "times",
    "wrong-scale": "rest",
    "stuck-axis": "rest",
    "gyro-bias": "rest",
    "clock-back": "times",
    "slow-time": "time",
    "acts-twice": "at-most-once",
    "tare-off": "tare",
    "buzz-late": "buzz-expired",
    "silent-unknown": "unknown-command",
    "strict-length": "long-payload",
    "any-major": "versions",
    "no-crc": "bit-flips",
    "no-status": "status",
    "slow-batch": "batches",
    "same-boot": "restart",
    "deaf": "resync",
    "one-seq": "numbers",
    "bad-turn": "orientation",
    "endless": "stop",
    "untagged-taken": "auth-downgrade",
    "replay-taken": "auth-replay",
}
NEED_A_KEY = ("untagged-taken", "replay-taken")


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sim(tmp_path_factory.mktemp("sim"))


def _examine(sim: Path, *options: str, key: bytes | None = None, stream_s: float = STREAM_S) -> Examination:
    with VirtualNode(sim, *options) as node:
        return examine(node, Plan(framed=True, stream_s=stream_s, key_of=lambda _node_id: key))


def _verdicts(examination: Examination, verdict: str) -> list[str]:
    return [finding.check for finding in examination.findings.all() if finding.verdict == verdict]


def test_the_good_node_passes(sim: Path) -> None:
    """A node on the reference code passes every check that it can be given."""
    examination = _examine(sim)
    assert _verdicts(examination, "FAIL") == []
    assert _verdicts(examination, "WARN") == []
    assert _verdicts(examination, "SKIP") == ["auth"]
    assert len(_verdicts(examination, "PASS")) >= 30
    assert examination.findings.passed


def test_the_good_node_passes_with_its_key(sim: Path) -> None:
    """With authentication the same node passes as well, and refuses wrong key, replay and downgrade."""
    examination = _examine(sim, "--key", KEY.hex(), key=KEY)
    assert _verdicts(examination, "FAIL") + _verdicts(examination, "WARN") + _verdicts(examination, "SKIP") == []
    assert {"auth", "auth-downgrade", "auth-replay", "auth-wrong-key"} <= set(_verdicts(examination, "PASS"))


def test_every_planted_defect_has_a_test(sim: Path) -> None:
    """The list of defects here is the simulated node's own."""
    run = subprocess.run([sim, "--defects"], capture_output=True, text=True, check=True)
    assert run.stdout.split() == list(FOUND_BY)


@pytest.mark.parametrize("defect", FOUND_BY)
def test_a_planted_defect_is_found(sim: Path, defect: str) -> None:
    """The check that is meant for it fails, and the node does not pass."""
    key = KEY if defect in NEED_A_KEY else None
    options = ("--key", KEY.hex()) if key else ()
    examination = _examine(sim, "--defect", defect, *options, key=key)
    assert FOUND_BY[defect] in _verdicts(examination, "FAIL")
    assert not examination.findings.passed


def test_a_keyed_node_without_its_key_is_not_judged(sim: Path) -> None:
    """Where the key is not given nothing more is tested, and that is said."""
    examination = _examine(sim, "--key", KEY.hex())
    assert {"auth", "commands"} <= set(_verdicts(examination, "SKIP"))
    assert _verdicts(examination, "FAIL") == []


def test_a_wrong_key_in_the_secrets_file_fails(sim: Path) -> None:
    """The node's refusal of our key is a failure, not a pass of the wrong-key check alone."""
    assert "auth" in _verdicts(_examine(sim, "--key", KEY.hex(), key=bytes(16), stream_s=2.0), "FAIL")


@pytest.mark.parametrize(("ppm", "verdict"), [(90, "PASS"), (-200, "WARN"), (600, "FAIL")])
def test_drift_is_measured(sim: Path, ppm: int, verdict: str) -> None:
    """A clock that is off by so many ppm is measured over two minutes to what it claims, and judged by what is sure."""
    examination = _examine(sim, "--ppm", str(ppm), stream_s=120.0)
    (clock,) = [f for f in examination.findings.all() if f.check == "clock"]
    assert clock.verdict == verdict
    assert abs(float(clock.values["drift_ppm"]) + ppm) <= float(clock.values["drift_spread_ppm"]) < 60


def test_silence_is_said_plainly() -> None:
    """Where nothing answers, the one finding says what to look at."""
    examination = Examination(Plan(framed=True))
    for t_ms in range(0, 10_000, 10):
        examination.advance(t_ms * 1_000_000)
    assert examination.finished
    assert _verdicts(examination, "FAIL") == ["hello"]


def test_progress_rises_to_one(sim: Path) -> None:
    """The bar starts at nothing, never goes back, and ends full."""
    seen = []
    examination = Examination(Plan(framed=True, stream_s=2.0))
    with VirtualNode(sim) as node:
        t_us = 0
        while not examination.finished:
            t_us += 5000
            for data in node.advance(t_us):
                examination.receive(t_us * 1000, data)
            examination.advance(t_us * 1000)
            while examination.dialog.outgoing:
                node.receive(examination.dialog.outgoing.popleft())
            seen.append(examination.progress)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
