"""Has a broker forget what it keeps: an empty retained message on each topic, which is how MQTT lets go of one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from edge.broker_access import Access
from edge.errors import SledguardError, TransientError
from edge.publishers.broker_connection import V5, V311, BrokerConnection, Hears, Incoming, Packet, VersionRefused
from edge.publishers.traffic import UNDER_WAY_MAX
from edge.still_there import Box, Kept, Look

ANSWER_MAX_S = 10.0
"""For all that is asked over one connection: a broker takes 60 small messages in well under a second, and to hear what
it keeps takes LOOK_S."""

HearsT = TypeVar("HearsT", bound=Hears)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """refused: topics that this login may not write; told: whether the broker would have said so, as MQTT 5 does."""

    refused: list[str]
    told: bool


class _Answers:
    """What the broker says to each message; see `broker_connection.Hears`."""

    def __init__(self) -> None:
        self.accepted: dict[int, bool] = {}
        self.news = asyncio.Event()

    def delivered(self, number: int, accepted: bool) -> None:  # noqa: FBT001
        """See Hears."""
        self.accepted[number] = accepted
        self.news.set()

    def heard(self, message: Incoming) -> None:
        """Nothing is asked for."""

    def subscribed(self, refused: list[str]) -> None:
        """Nothing is asked for."""


async def look(access: Access, machines: Sequence[Box], boxes: Sequence[Box]) -> Kept:
    """What the broker keeps of these. SledguardError: it cannot be reached, or falls silent."""

    async def ask(connection: BrokerConnection, hears: Look) -> Kept:
        return await hears.at(connection, machines, boxes)

    return await _at(access, Look, ask)


async def forget(access: Access, topics: Sequence[str]) -> Forgotten:
    """Clear these topics. SledguardError: the broker cannot be reached, ends the connection or falls silent."""

    async def clear(connection: BrokerConnection, answers: _Answers) -> Forgotten:
        return await _clear(connection, answers, topics)

    return await _at(access, _Answers, clear)


async def _at(
    access: Access, make: Callable[[], HearsT], work: Callable[[BrokerConnection, HearsT], Awaitable[T]]
) -> T:
    """Do it over a connection in whichever version the broker speaks."""
    try:
        try:
            return await _over(BrokerConnection(access, V5, hears := make()), hears, work)
        except VersionRefused:
            return await _over(BrokerConnection(access, V311, hears := make()), hears, work)
    except TransientError as error:
        raise SledguardError(str(error)) from error
    except TimeoutError as error:
        raise SledguardError(f"{access.address} has not answered all within {ANSWER_MAX_S:.0f} s; try again") from error


async def _over(
    connection: BrokerConnection, hears: HearsT, work: Callable[[BrokerConnection, HearsT], Awaitable[T]]
) -> T:
    """TransientError: the connection ended before it was done. TimeoutError: the broker has not answered all."""
    try:
        await connection.open(None)
        working = asyncio.ensure_future(work(connection, hears))
        ends = (working, connection.ended)
        await asyncio.wait(ends, timeout=ANSWER_MAX_S, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()
            if not connection.ended.done():
                raise TimeoutError
            raise TransientError(f"{connection.ended.result()}; try again")
        await connection.close()
        return working.result()
    finally:
        connection.abort()


async def _clear(connection: BrokerConnection, answers: _Answers, topics: Sequence[str]) -> Forgotten:
    """No more at once than the broker takes."""
    limit = max(1, min(UNDER_WAY_MAX, connection.receive_max))
    sent: dict[int, str] = {}
    for topic in topics:
        while len(sent) - len(answers.accepted) >= limit:
            await _more(answers)
        sent[connection.publish(Packet(topic=topic, payload=b"", qos=1, retain=True))] = topic
    while len(answers.accepted) < len(sent):
        await _more(answers)
    return Forgotten(
        [topic for number, topic in sent.items() if not answers.accepted[number]], connection.version == V5
    )


async def _more(answers: _Answers) -> None:
    answers.news.clear()
    await answers.news.wait()
