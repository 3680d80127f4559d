"""Nodes in the configuration: policies, keys and calibrations, and what a log is allowed to know."""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.events import Notice
from edge.machine import MachineSettings
from edge.pipeline import Pipeline
from edge.pipelines import live_pipeline, logged_pipeline
from edge.settings import LinkPlan
from firmware_protocol import wire
from firmware_protocol.auth import Direction, Session
from firmware_protocol.messages import Channel, Hello, ImuBatch, Info
from firmware_protocol.registries import Caps

MS = 1_000_000
NODE, KEY = 0x51ED6A2D00000103, bytes(range(16))
NODE_ID = f"{NODE:016x}"
INFO = Info(1, 0, 1, NODE, 0, Caps.IMU | Caps.AUTH, 244, 1, b"nodenonc", (Channel(1, 1, 1, 0, 10_000_000, 1, 1),))


@dataclass
class _Node:
    """A keyed node on a bare link of a pipeline."""

    pipeline: Pipeline
    seqs: Counter[int] = field(default_factory=Counter)
    session: Session | None = None
    notices: list[Notice] = field(default_factory=list)

    def meet(self) -> None:
        """Answers HELLO."""
        self.pipeline.open_link("n", LinkPlan(kind="native"))
        _, sends = self.pipeline.advance(1_000 * MS)
        _, sends = self.pipeline.advance(1_010 * MS)
        (message,) = wire.cut(sends[0].data, Counter())
        hello = wire.read(message)
        assert isinstance(hello, Hello)
        self.session = Session(KEY, hello.host_nonce, INFO.node_nonce, Direction.TO_HOST)
        self.say(1_020, wire.build(INFO))

    def say(self, t_ms: int, message: wire.Message) -> None:
        """Sends a message, and lets the pipeline take it."""
        self.pipeline.receive("n", t_ms * MS, message.encode())
        events, _ = self.pipeline.advance((t_ms + 20) * MS)
        self.notices += [event for event in events if isinstance(event, Notice)]

    def batch(self, t_ms: int, *, tagged: bool) -> None:
        """Four samples."""
        payload = ImuBatch(t_ms * 1000, 10_000_000, 4 * self.seqs[1], 0, struct.pack("<24h", *range(24)), None)
        message = wire.build(payload, chan=1, seq=self.seqs[1])
        self.seqs[1] += 1
        assert self.session is not None
        self.say(t_ms, self.session.seal(message) if tagged else message)


def _settings(*nodes: dict[str, str]) -> MachineSettings:
    return msgspec.convert({"nodes": list(nodes)}, MachineSettings)


def _refused(settings: MachineSettings, keys: dict[str, bytes], *, tagged: bool) -> int:
    node = _Node(live_pipeline(settings, {}, 1, keys))
    node.meet()
    node.batch(1_060, tagged=tagged)
    counters = node.pipeline.counters()["n"]
    return counters.get("untagged", 0) + counters.get("bad_tag", 0)


@pytest.mark.parametrize(
    ("policy", "tagged", "refused"),
    [("require", 0, 1), ("require", 1, 0), ("prefer", 0, 0), ("off", 0, 0), ("off", 1, 0)],
)
def test_the_configured_policy_reaches_the_link(policy: str, tagged: int, refused: int) -> None:
    """A node's table decides what of it is taken, with its key from the keys file."""
    settings = _settings({"node": NODE_ID, "authentication": policy})
    assert _refused(settings, {NODE_ID: KEY}, tagged=bool(tagged)) == refused


def test_a_node_with_a_key_need_not_be_configured() -> None:
    """A key alone means `prefer`: once it has proved itself, nothing without proof is taken of it."""
    node = _Node(live_pipeline(_settings(), {}, 1, {NODE_ID: KEY}))
    node.meet()
    node.batch(1_060, tagged=True)
    node.batch(1_100, tagged=False)
    assert node.pipeline.counters()["n"]["untagged"] == 1


def test_a_required_key_that_is_missing_is_told() -> None:
    """Require without a key takes nothing, and a notice says on which link, and what to do."""
    node = _Node(live_pipeline(_settings({"node": NODE_ID}), {}, 1))
    node.meet()
    (text,) = [notice.text for notice in node.notices if notice.what == "auth"]
    assert text.startswith("n: ")
    assert "no key" in text


def test_a_cell_of_raw_counts_is_used_once_it_is_calibrated() -> None:
    """Cells that send counts are a notice until their calibration is configured, and none after."""
    channels = tuple(Channel(c, 2, 10 + c, 1, 12_500_000, 0, 0) for c in (1, 2, 3, 4))
    cells = [{"node": NODE_ID, "chan": c, "zero_counts": 100.0 * c, "n_per_count": 0.01} for c in (1, 2, 3, 4)]
    for known, notices in (([], 4), (cells, 0)):
        node = _Node(live_pipeline(msgspec.convert({"cells": known}, MachineSettings), {}, 1))
        node.pipeline.open_link("n", LinkPlan(kind="native"))
        node.say(1_000, wire.build(INFO._replace(caps=0, channels=channels)))
        assert sum(notice.what == "calibration" for notice in node.notices) == notices


def test_a_log_is_replayed_without_keys() -> None:
    """Keys are in no log: a replay takes what came, though its settings say that the node must authenticate."""
    about: dict[str, Any] = {
        "settings": {"id": "press", "nodes": [{"node": NODE_ID, "authentication": "require"}]},
        "links": {},
        "seed": 1,
    }
    node = _Node(logged_pipeline(about, Path("log")))
    node.meet()
    node.batch(1_060, tagged=True)
    assert node.pipeline.counters()["n"] == {"lost_messages": 0}
    assert node.notices == []
