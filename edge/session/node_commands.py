"""What is asked of nodes: buzzing for a cue, showing themselves, taring. Pure: the links give what is to be sent.

A cue buzzes on what is fixed to the machine where anything there can; else on the worn nodes of the side that it is
about. It carries an end: what reaches a node later than that stays silent there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from edge.events import Buzz, Side
from edge.ingest.driver_link import DriverLink
from edge.ingest.native import NativeLink
from edge.ingest.native_node import NativeNode
from edge.samples import Role
from firmware_protocol.messages import Buzz as BuzzMessage
from firmware_protocol.messages import Pulse
from firmware_protocol.registries import HwClass

BUZZ_VALID_NS = 400_000_000
"""A lost command is repeated after 300 ms and still heard then; later the lifter is elsewhere in the rep."""

_FIXED = (HwClass.SIGNAL, HwClass.WIRED_HUB, HwClass.RADIO_HUB, HwClass.FIXED)


@dataclass(frozen=True, slots=True)
class Place:
    """A channel of a node, where it plays a role. chan 0: the node itself."""

    link: NativeLink
    node: NativeNode
    chan: int


@dataclass(frozen=True, slots=True)
class Cue:
    """What is to be heard. number: names it in the nodes' logs; priority: a higher one replaces what plays."""

    number: int
    priority: int
    pattern: tuple[Buzz, ...]
    side: Side | None


def nodes_of(links: Mapping[str, NativeLink | DriverLink]) -> Iterable[Place]:
    """Every node of every link; bought sensors take no commands."""
    for link in links.values():
        if isinstance(link, DriverLink):
            continue
        for node in (link.node, *link.subs.values()):
            yield Place(link, node, 0)


def places_of(links: Mapping[str, NativeLink | DriverLink], role: Role) -> list[Place]:
    """The channels that play a role."""
    return [Place(p.link, p.node, chan) for p in nodes_of(links) for chan, r in p.node.roles.items() if r == role]


def buzz(
    links: Mapping[str, NativeLink | DriverLink], cue: Cue, t_ns: int, worn_at: Callable[[Role], Role | None]
) -> list[NativeLink]:
    """Queue a cue for the nodes that are to sound it; the links that have something to send now. worn_at: where the
    sensor that calls itself so really sits, None where its leg is not known: sensors may carry each other's names.
    """
    told: list[NativeLink] = []
    for place in _sounding(links, cue.side, worn_at):
        until_us = place.node.device_us(t_ns + BUZZ_VALID_NS)
        if until_us is None:
            continue
        pulses = tuple(Pulse(one.intensity_pct, one.on_ms // 10, one.off_ms // 10) for one in cue.pattern)
        message = BuzzMessage(cue.number & 0xFFFF, cue.priority, 1, until_us & 0xFFFF_FFFF, pulses)
        place.node.commands.submit(message, urgent=True)
        told.append(place.link)
    return list(dict.fromkeys(told))


def _sounding(
    links: Mapping[str, NativeLink | DriverLink], side: Side | None, worn_at: Callable[[Role], Role | None]
) -> list[Place]:
    able = [place for place in nodes_of(links) if place.node.can_buzz]
    fixed = [place for place in able if place.node.hw_class in _FIXED]
    if fixed or side is None:
        return fixed or able
    near = [p for p in able if any((worn_at(name) or "").startswith(side) for name in p.node.roles.values() if name)]
    return near or able
