"""Has a broker forget what it keeps: an empty retained message on each topic, which is how MQTT lets go of one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from edge.broker_access import Access
from edge.errors import SledguardError, TransientError
from edge.publishers.broker_connection import V5, V311, BrokerConnection, Incoming, Packet, VersionRefused

ANSWER_MAX_S = 10.0
"""For all topics together: a broker takes 60 small messages in well under a second."""


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


async def forget(access: Access, topics: Sequence[str]) -> Forgotten:
    """Clear these topics. SledguardError: the broker cannot be reached, or falls silent."""
    try:
        try:
            return await _forget(access, topics, is_v5=True)
        except VersionRefused:
            return await _forget(access, topics, is_v5=False)
    except TransientError as error:
        raise SledguardError(str(error)) from error


async def _forget(access: Access, topics: Sequence[str], *, is_v5: bool) -> Forgotten:
    answers = _Answers()
    connection = BrokerConnection(access, V5 if is_v5 else V311, answers)
    try:
        await connection.open(None)
        sent = {connection.publish(Packet(topic=one, payload=b"", qos=1, retain=True)): one for one in topics}
        async with asyncio.timeout(ANSWER_MAX_S):
            while len(answers.accepted) < len(sent):
                answers.news.clear()
                await answers.news.wait()
        await connection.close()
    except TimeoutError as error:
        raise SledguardError(f"{access.address} has not taken all within {ANSWER_MAX_S:.0f} s; try again") from error
    finally:
        connection.abort()
    return Forgotten([topic for number, topic in sent.items() if not answers.accepted[number]], is_v5)
