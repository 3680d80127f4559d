"""The certificate of latency: what is gathered, and how it is told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from example_events import ALERT

from edge.errors import SledguardError
from edge.publishers.latency import ONE_CUE_S, Latency, figures, read_certificate, table, write_certificate


def test_steps_of_one_alert() -> None:
    """Each step is the difference of two of the alert's times, in ms."""
    latency = Latency()
    latency.buzzed("m", 61_252_000_000)
    buzzed_s = latency.buzzed_s("m", ALERT)
    latency.sent(msgspec.structs.replace(ALERT, buzzed_s=buzzed_s), 61.254)
    latency.acknowledged(0.007)
    found = {step: values["p50"] for step, values in latency.summary().items()}
    assert found == {
        "sample_to_arrival": 30.0, "arrival_to_decision": 10.0, "arrival_to_buzzer": 12.0, "sample_to_buzzer": 42.0,
        "arrival_to_sent": 14.0, "decision_to_acknowledged": 7.0,
    }  # fmt: skip


def test_buzz_of_another_alert_is_not_taken() -> None:
    """A buzzer told before this decision, for another machine, or for an alert that is silent, is none of its own."""
    latency = Latency()
    latency.buzzed("m", 61_200_000_000)
    assert latency.buzzed_s("m", ALERT) is None
    latency.buzzed("other", 61_252_000_000)
    assert latency.buzzed_s("m", ALERT) is None
    latency.buzzed("m", 61_252_000_000)
    assert latency.buzzed_s("m", msgspec.structs.replace(ALERT, spoken=False)) is None
    assert latency.buzzed_s("m", ALERT) == 61.252
    assert latency.buzzed_s("m", ALERT) is None


def test_first_of_several_buzzers_counts() -> None:
    """A node and a pin are told of the same cue; the second does not hide how soon the first was."""
    latency = Latency()
    latency.buzzed("m", 61_251_000_000)
    latency.buzzed("m", 61_251_000_000 + round(ONE_CUE_S * 1e9) - 1)
    assert latency.buzzed_s("m", ALERT) == 61.251


def test_percentiles_by_nearest_rank() -> None:
    """Of 1 to 1000 the percentiles are values that were seen; of one value all are it."""
    assert figures(list(range(1, 1001))) == {
        "n": 1000, "p50": 500, "p95": 950, "p99": 990, "p99.9": 999, "max": 1000,
    }  # fmt: skip
    assert set(figures([7.0]).values()) == {1, 7.0}


def test_certificate_is_written_and_read(tmp_path: Path) -> None:
    """What is written is read again, and every step has its line."""
    latency = Latency()
    latency.sent(ALERT, 61.254)
    facts = {"box": "b", "boot": "1", "written": "now", "alerts": 1, "steps": latency.summary()}
    write_certificate(tmp_path / "latency.json", facts)
    assert read_certificate(tmp_path / "latency.json") == facts
    lines = table(facts)
    assert len(lines) == 1 + len(latency.summary())
    assert "10.00" in lines[2]


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"steps": 1}'])
def test_no_certificate_is_one_clear_error(tmp_path: Path, content: str | None) -> None:
    """A missing or unreadable file says what to do."""
    path = tmp_path / "latency.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SledguardError, match="running box"):
        read_certificate(path)
