"""What a lifter says of a cue, from the tap to the box that raised it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest
from contract_check import payload_faults
from example_events import ALERT
from published import PLACE, box_online, messages, state

from dashboards.access import Access, new_keys
from dashboards.deeds import do
from dashboards.frames import alert_id
from dashboards.hub import Hub
from dashboards.machine_view import alert_key
from dashboards.site import Site
from edge.clock import Instant
from edge.commands import Command, Feedback, MachineCommand
from edge.history.subscription import Arrival
from edge.publishers.broker_connection import Incoming
from edge.publishers.command_desk import CommandDesk
from edge.publishers.contract import kind_of
from edge.publishers.precision import Precision

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SPOKEN = msgspec.structs.replace(ALERT, session="s-1", t_s=10.0, set=1, rep=1)


class Pages:
    """A site that has heard of a session, and what it sends."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.site = Site(
            hub=Hub(), access=Access(new_keys()), address="http://pages", utc_now=lambda: NOW,
            ask_help=lambda _place: True, send=lambda topic, payload: self.sent.append((topic, payload)),
        )  # fmt: skip
        for topic, payload in (box_online(), *messages(state())):
            self.arrive(topic, payload)

    def arrive(self, topic: str, payload: bytes) -> None:
        self.site.hub.arrive(Arrival(topic, payload, False, lambda: None))  # noqa: FBT003

    async def tap(self, *, right: bool, alert: str = alert_id(alert_key(SPOKEN))) -> None:
        await do(self.site, PLACE, "s-1", json.dumps({"do": "right", "alert": alert, "right": right}))


@pytest.fixture
def pages() -> Pages:
    """With one alert, as it comes live and as it comes for the history."""
    made = Pages()
    for topic, payload in messages(SPOKEN):
        made.arrive(topic, payload)
    return made


async def test_an_answer_goes_to_the_box_as_the_contract_says(pages: Pages) -> None:
    """With the kind, and the id of the message in which the alert came live; nothing of who says it."""
    live = next(payload for topic, payload in messages(SPOKEN) if topic.endswith("/alert"))
    await pages.tap(right=False)
    ((topic, payload),) = pages.sent
    assert topic == f"{PLACE.topic}/cmd/feedback"
    kind = kind_of(topic)
    assert kind is not None
    assert payload_faults(kind.name, payload) == []
    command = json.loads(payload)
    assert (command["alert"], command["kind"], command["right"]) == (json.loads(live)["id"], "heel_lift", False)
    assert "s-1" not in payload.decode()


async def test_the_box_counts_a_lifter_once(pages: Pages) -> None:
    """A second tap is noted on the page, and is no second answer for the box."""
    await pages.tap(right=True)
    await pages.tap(right=False)
    taken: list[Command] = []
    desk = CommandDesk(get_args(MachineCommand), taken.append, lambda _result, _incoming: None)
    for topic, payload in pages.sent:
        desk.take(
            Incoming(topic=topic, payload=payload, retained=False),
            Instant(0, round(NOW.timestamp() * 1e9), synced=True),
        )
    precision = Precision()
    for command in taken:
        assert isinstance(command, Feedback)
        precision.note(PLACE.machine, command.kind, right=command.right)
    assert precision.of(PLACE.machine) == {"heel_lift": {"answers": 1, "right_share": 1.0}}
    assert list(pages.site.hub.machines[PLACE].records["s-1"].feedback.values()) == [False]


async def test_nothing_is_said_of_an_alert_that_nobody_raised(pages: Pages) -> None:
    """Nor of one that is known from the history alone, whose message is not."""
    await pages.tap(right=True, alert="1-9-lockout-left")
    record = pages.site.hub.machines[PLACE].records["s-1"]
    old = msgspec.structs.replace(SPOKEN, rep=7)
    record.take_alert(old)
    await pages.tap(right=True, alert=alert_id(alert_key(old)))
    assert pages.sent == []
    assert record.feedback == {alert_key(old): True}
