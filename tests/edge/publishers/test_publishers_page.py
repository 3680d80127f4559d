"""The page of the publishers says what the code does: its table of topics, and its examples."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from edge.clock import Instant
from edge.events import Alert, MachineState
from edge.publishers.envelope import Origin, mint, seal
from edge.publishers.messages import (
    EVENT_ROUTE,
    HEALTH_ROUTE,
    REPLAY_ROUTE,
    ROUTES,
    STATUS_ROUTE,
    MachineMessages,
    Route,
)

PAGE = (Path(__file__).parents[3] / "edge/publishers/README.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
ENVELOPE = {"v", "id", "box", "boot", "ts", "clock", "late", "sent_s"}


def row(prefix: str, route: Route) -> str:
    """A route as it must stand in the table."""
    expires = f"{route.expiry_s} s" if route.expiry_s else "–"
    retained = "yes" if route.retain else "no"
    return f"| `{prefix}/{route.suffix}` | {route.qos} | {retained} | {expires} |"


@pytest.mark.parametrize("route", [*ROUTES.values(), EVENT_ROUTE], ids=lambda route: route.suffix)
def test_table_of_a_machines_topics(route: Route) -> None:
    """Every topic of a machine stands on the page with its QoS, retention, expiry and lane."""
    line = next(line for line in PAGE.splitlines() if line.startswith(row("{m}", route)))
    assert line.endswith(f"| {route.lane.value} |")


@pytest.mark.parametrize("route", [STATUS_ROUTE, HEALTH_ROUTE, REPLAY_ROUTE], ids=lambda route: route.suffix)
def test_table_of_the_boxs_topics(route: Route) -> None:
    """Every topic of the box stands on the page, too."""
    assert row("box/{box}", route) in PAGE


def test_examples_are_messages() -> None:
    """Each example has the whole envelope and decodes as the event that it shows."""
    alert, copy, state = EXAMPLES
    for example in EXAMPLES:
        assert example.keys() >= ENVELOPE
    told = msgspec.convert(body_of(alert), Alert)
    assert (
        msgspec.convert({**copy["alert"], "type": "alert", "t_s": copy["t_s"], "session": copy["session"]}, Alert)
        == told
    )
    msgspec.convert(body_of(state), MachineState)


def test_alert_on_the_page_is_what_would_be_sent() -> None:
    """Sent anew, the example's alert gives the example's keys, no more and no fewer."""
    alert = EXAMPLES[0]
    message = MachineMessages("demo", "leg-press").of(msgspec.convert(body_of(alert), Alert))[0]
    minted = mint(message.body, Origin("laptop", "b"), Instant(0, 0, synced=True), bytes(10))
    assert json.loads(seal(minted, Instant(0, 0, synced=True))).keys() == alert.keys()


def body_of(example: dict[str, object]) -> dict[str, object]:
    """Without its envelope."""
    return {key: value for key, value in example.items() if key not in ENVELOPE}
