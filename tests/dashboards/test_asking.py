"""A command from the pages: given as the contract says, and what became of it told, or that nobody answers."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from contract_check import payload_faults
from published import PLACE, box_online, messages, state

from dashboards.access import Access, new_keys
from dashboards.asking import Outcome
from dashboards.deeds import do
from dashboards.hub import Hub
from dashboards.machine_view import WRONG_LEGS
from dashboards.site import Site
from edge.events import CommandResult
from edge.history.subscription import Arrival
from edge.publishers.contract import kind_of
from edge.session import assessment


class Gym:
    """A site with a box that answers each command at once, unless told otherwise. answers: the problem, per command."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []
        self.problem: str | None = None
        self.is_deaf = False
        self.site = Site(
            hub=Hub(), access=Access(new_keys()), address="http://pages", ask_help=lambda _place: True,
            utc_now=lambda: datetime(2026, 1, 5, 12, 0, tzinfo=UTC), send=self.hear,
        )  # fmt: skip
        self.site.hub.broker_changed(None)
        for topic, payload in (box_online(), *messages(state())):
            self.arrive(topic, payload)

    def arrive(self, topic: str, payload: bytes) -> None:
        self.site.hub.arrive(Arrival(topic, payload, False, lambda: None))  # noqa: FBT003

    def hear(self, topic: str, payload: bytes) -> None:
        kind = kind_of(topic)
        assert kind is not None
        assert payload_faults(kind.name, payload) == []
        name, body = topic.rpartition("/")[2], json.loads(payload)
        self.asked.append((name, body))
        for command_id in () if self.is_deaf else ("somebody-elses", body["id"]):
            problem = self.problem if command_id == body["id"] else "not yours"
            result = CommandResult(t_s=1.0, command=name, command_id=command_id, ok=problem is None, problem=problem)
            for one in messages(result):
                self.arrive(*one)


@pytest.fixture
def gym() -> Gym:
    return Gym()


@pytest.mark.parametrize(
    ("load", "most", "said"),
    [("82,5", " 120 ", (82.5, 120.0)), ("0", "", (0.0, None)), ("", "", (None, None)), ("", "90.5", (None, 90.5))],
)
async def test_a_load_reaches_the_box_as_it_was_meant(
    gym: Gym, load: str, most: str, said: tuple[float | None, float | None]
) -> None:
    """With comma or point; an empty field is not known, and no zero."""
    assert await gym.site.asking.set_load(PLACE, load, most) == Outcome("done")
    ((name, body),) = gym.asked
    assert (name, body["load_kg"], body["one_rep_max_kg"]) == ("set_load", *said)


@pytest.mark.parametrize(
    ("load", "most", "said"),
    [
        ("eighty", "", "no_number"), ("80", "x", "no_number"), ("1_0", "", "no_number"),
        ("-1", "", "no_weight"), ("2000.1", "", "no_weight"),
        ("nan", "", "no_weight"), ("inf", "", "no_weight"), ("80", "0.9", "no_weight"), ("80", "79.9", "less"),
    ],
)  # fmt: skip
async def test_what_is_no_load_is_not_sent(gym: Gym, load: str, most: str, said: str) -> None:
    """Each mistake is called by its name, and the box hears of none."""
    assert (await gym.site.asking.set_load(PLACE, load, most)).said == said
    assert gym.asked == []


async def test_the_largest_and_equal_loads_are_loads(gym: Gym) -> None:
    """The edges belong to it."""
    for load, most in (("2000", "2000"), ("80", "80"), ("0", "1")):
        assert (await gym.site.asking.set_load(PLACE, load, most)).said == "done"


async def test_a_box_that_refuses_gives_its_reason(gym: Gym) -> None:
    """As the box words it."""
    gym.problem = "left and right are not doubted"
    assert await gym.site.asking.trust_legs(PLACE) == Outcome("refused", gym.problem)


async def test_nobody_there_is_told_and_nothing_is_sent(gym: Gym) -> None:
    """Broker or box away: what is sent now would be acted upon by nobody, or too late."""
    gym.arrive(*box_online("offline"))
    assert (await gym.site.asking.trust_legs(PLACE)).said == "box"
    gym.site.hub.broker_changed("gone")
    assert (await gym.site.asking.trust_legs(PLACE)).said == "broker"
    assert gym.asked == []


async def test_no_answer_is_told(gym: Gym) -> None:
    """A box that hears and says nothing; its late word finds nobody waiting."""
    gym.is_deaf, gym.site.asking.answer_max_s = True, 0.01
    assert (await gym.site.asking.trust_legs(PLACE)).said == "no_answer"
    for one in messages(CommandResult(t_s=1.0, command="trust_legs", command_id=str(gym.asked[0][1]["id"]), ok=True)):
        gym.arrive(*one)


async def test_two_who_ask_at_once_get_each_their_own_answer(gym: Gym) -> None:
    """By the command's id."""
    both = gym.site.asking.trust_legs(PLACE), gym.site.asking.set_load(PLACE, "80", "")
    assert await asyncio.gather(*both) == [Outcome("done")] * 2
    assert len({body["id"] for _, body in gym.asked}) == 2


async def test_a_phone_says_what_its_lifter_has_on_the_sled(gym: Gym) -> None:
    """And is told in its own language what became of it; of the next lifter's sled it says nothing."""
    said = json.dumps({"do": "load", "load": "140", "most": ""})
    answer = await do(gym.site, PLACE, "s-1", said, "de")
    assert answer == {"t": "load", "ok": True, "text": "Erledigt."}
    for topic, payload in messages(state("s-2", t_s=20.0)):
        gym.arrive(topic, payload)
    late = await do(gym.site, PLACE, "s-1", said)
    assert late is not None
    assert late["ok"] is False
    assert len(gym.asked) == 1


def test_the_pages_know_the_boxs_words() -> None:
    """For swapped legs, by which they offer the button."""
    assert WRONG_LEGS == assessment.WRONG_LEGS
