"""A cue on its way to buzzers on nodes: which ones, with what end, and how soon. Virtual nodes, no clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge.events import Buzz
from edge.ingest.native import NativeLink
from edge.samples import Role
from edge.session.node_commands import BUZZ_VALID_NS, Cue, buzz, places_of
from edge.simulator.demo import demo_scenario
from edge.simulator.feeds import feeds_of
from edge.simulator.nodes import NodeSettings, VirtualNode
from edge.simulator.session import Session, simulate
from firmware_protocol.registries import HwClass

STEP_NS = 4_000_000
MS = 1_000_000
PATTERN = (Buzz(100, 300, 100), Buzz(80, 80, 80))
PLACEMENTS: dict[int, Role] = {
    1: "sled", 3: "left_thigh", 4: "right_thigh", 5: "left_shank", 6: "right_shank", 7: "pelvis",
}  # fmt: skip


def role_of(_node: str, _chan: int, placement: int) -> Role | None:
    return PLACEMENTS.get(placement)


@pytest.fixture(scope="module")
def session() -> Session:
    """Something for nodes to stream."""
    return simulate(demo_scenario())


def as_named(role: Role) -> Role:
    """Every sensor is where it says."""
    return role


class Bench:
    """Links with one virtual node each, on one time line."""

    def __init__(self, session: Session, nodes: dict[str, tuple[HwClass, list[str] | None]]) -> None:
        self.t_ns = 0
        self.nodes = {
            name: VirtualNode(NodeSettings(i + 1, hw, clock_zero_us=0xFFFF_0000 * i), feeds_of(session, roles))
            for i, (name, (hw, roles)) in enumerate(nodes.items())
        }
        self.links = {name: NativeLink(name, framed=True, role_of=role_of, seed=1) for name in nodes}

    def run(self, ms: int) -> None:
        for _ in range(ms * MS // STEP_NS):
            self.t_ns += STEP_NS
            for name, node in self.nodes.items():
                self.links[name].receive(self.t_ns, node.advance(self.t_ns))
                for send in self.links[name].step(self.t_ns):
                    node.receive(self.t_ns, send.data)
                    self.links[name].sent(self.t_ns, send.seq)

    def buzzed(self) -> dict[str, int]:
        return {name: len(node.buzzed) for name, node in self.nodes.items()}


@pytest.fixture
def bench(session: Session) -> Callable[..., Bench]:
    """Makes a bench whose nodes stream."""

    def make(**nodes: tuple[HwClass, list[str] | None]) -> Bench:
        made = Bench(session, nodes)
        made.run(600)
        return made

    return make


def test_hub_buzzes_at_once(bench: Callable[..., Bench]) -> None:
    """A cue leaves in the same step, is marked as one, and the hub plays its pattern."""
    made = bench(hub=(HwClass.WIRED_HUB, None))
    (link,) = buzz(made.links, Cue(7, 40, PATTERN, "left"), made.t_ns, as_named)
    (send,) = [send for send in link.step(made.t_ns) if send.cue]
    made.nodes["hub"].receive(made.t_ns, send.data)
    (played,) = made.nodes["hub"].buzzed
    assert (played.buzz.cue, played.buzz.prio) == (7, 40)
    assert [(p.intensity_pct, p.on_10ms, p.off_10ms) for p in played.buzz.pulses] == [(100, 30, 10), (80, 8, 8)]


@pytest.mark.parametrize(("late_ms", "played"), [(-40, 1), (4, 0)])
def test_what_comes_too_late_stays_silent(bench: Callable[..., Bench], late_ms: int, played: int) -> None:
    """Held up on the way beyond its end the cue is refused by the node; a little before, it is played."""
    made = bench(hub=(HwClass.WIRED_HUB, None))
    (link,) = buzz(made.links, Cue(1, 40, PATTERN, None), made.t_ns, as_named)
    (send,) = [send for send in link.step(made.t_ns) if send.cue]
    made.nodes["hub"].receive(made.t_ns + BUZZ_VALID_NS + late_ms * MS, send.data)
    assert len(made.nodes["hub"].buzzed) == played


def test_lost_cue_is_repeated_and_played_once(bench: Callable[..., Bench]) -> None:
    """A command that the line lost comes again within its time; one whose answer was lost is not played twice."""
    made = bench(hub=(HwClass.WIRED_HUB, None))
    for link in buzz(made.links, Cue(1, 40, PATTERN, None), made.t_ns, as_named):
        link.step(made.t_ns)  # lost
    made.run(320)
    assert made.buzzed() == {"hub": 1}
    made.run(1500)
    assert made.buzzed() == {"hub": 1}


def test_worn_nodes_buzz_on_the_side_of_the_fault(bench: Callable[..., Bench]) -> None:
    """Without anything fixed to the machine that can buzz, the nodes of the faulty side do; both where it has none."""
    worn = {
        "left": (HwClass.WORN, ["left_shank"]),
        "right": (HwClass.WORN, ["right_shank"]),
    }
    made = bench(**worn)
    buzz(made.links, Cue(1, 40, PATTERN, "left"), made.t_ns, as_named)
    made.run(100)
    assert made.buzzed() == {"left": 1, "right": 0}
    buzz(made.links, Cue(2, 40, PATTERN, None), made.t_ns, as_named)
    made.run(100)
    assert made.buzzed() == {"left": 2, "right": 1}


@pytest.mark.parametrize(
    ("worn", "buzzed"),
    [
        ({"left_shank": "pelvis", "pelvis": "left_shank"}, {"shank": 0, "pelvis": 1, "other": 0}),
        ({"left_shank": None, "right_shank": None, "pelvis": "pelvis"}, {"shank": 1, "pelvis": 1, "other": 1}),
    ],
)
def test_a_cue_goes_to_the_side_that_the_lifter_feels(
    bench: Callable[..., Bench], worn: dict[Role, Role | None], buzzed: dict[str, int]
) -> None:
    """Where sensors carry each other's names it is felt where they sit; where the legs may be exchanged, everywhere."""
    made = bench(
        shank=(HwClass.WORN, ["left_shank"]), pelvis=(HwClass.WORN, ["pelvis"]), other=(HwClass.WORN, ["right_shank"])
    )
    buzz(made.links, Cue(1, 40, PATTERN, "left"), made.t_ns, lambda role: worn.get(role, role))
    made.run(100)
    assert made.buzzed() == buzzed


def test_fixed_node_goes_before_worn_ones(bench: Callable[..., Bench]) -> None:
    """Where the machine has a buzzer, what is worn stays quiet."""
    made = bench(sled=(HwClass.FIXED, ["sled"]), left=(HwClass.WORN, ["left_shank"]))
    buzz(made.links, Cue(1, 40, PATTERN, "left"), made.t_ns, as_named)
    made.run(100)
    assert made.buzzed() == {"sled": 1, "left": 0}


def test_node_that_is_not_known_yet_is_left_out(session: Session) -> None:
    """Before a node has said who it is nothing is sent to it."""
    made = Bench(session, {"hub": (HwClass.WIRED_HUB, None)})
    assert buzz(made.links, Cue(1, 40, PATTERN, None), 0, as_named) == []


def test_places_of_a_role(bench: Callable[..., Bench]) -> None:
    """A role is found on its link and channel; one that nobody plays is nowhere."""
    made = bench(left=(HwClass.WORN, ["left_shank"]), right=(HwClass.WORN, ["right_shank"]))
    (place,) = places_of(made.links, "right_shank")
    assert place.link is made.links["right"]
    assert places_of(made.links, "pelvis") == []
