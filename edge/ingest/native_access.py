"""Whether a node's word is taken: per node `off`, `prefer` or `require`, with a key where there is one.

A node that has once proved itself is never again believed without proof: neither a forged restart nor a key that was
"lost" on the way takes that back while this host runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from firmware_protocol import wire
from firmware_protocol.auth import Session, Verdict
from firmware_protocol.messages import Info
from firmware_protocol.registries import Caps

Policy = Literal["off", "prefer", "require"]

BAD_TAGS_TOLD = 3
"""Wrong tags in a row, without one good, before it is told: one may be a message of the session before."""


@dataclass(frozen=True, slots=True)
class Access:
    """What the configuration says of one node. key: 16 bytes, never shown."""

    policy: Policy = "off"
    key: bytes | None = field(default=None, repr=False)


AccessOf: TypeAlias = Callable[[str], Access]
"""Node id (16 hex digits) to what is configured for it."""


def open_access(_node_id: str) -> Access:
    """No authentication for any node."""
    return Access()


class Gate:
    """Judges the messages of one node, and tags what is sent to it. complaint: what a user should know, once."""

    def __init__(self, access_of: AccessOf, counters: Counter[str]) -> None:
        self._access_of = access_of
        self._counters = counters
        self._access = Access()
        self._session: Session | None = None
        self._proven: set[int] = set()
        self._node_id = 0
        self._bad = 0
        self._complaints: list[str] = []

    @property
    def proven(self) -> bool:
        """Whether the node has shown in this session that it holds the key."""
        return self._session is not None and self._node_id in self._proven

    def would_authenticate(self, info: Info) -> bool:
        """Whether `begin` would begin a session with this node."""
        access = self._access_of(f"{info.node_id:016x}")
        return access.policy != "off" and access.key is not None and bool(info.caps & Caps.AUTH)

    def begin(self, info: Info, host_nonce: int) -> None:
        """The node has answered a HELLO: a session begins, where there is a key and the node can use one."""
        self._node_id, self._bad = info.node_id, 0
        self._access = self._access_of(f"{info.node_id:016x}")
        key = self._access.key if self.would_authenticate(info) else None
        self._session = Session(key, host_nonce, info.node_nonce) if key else None
        if self._access.policy == "require" and not self._session:
            no_key = "has no key in the secrets file (sledguard node-key gives it one)"
            lacks = "cannot authenticate" if self._access.key else no_key
            self._complaints.append(f"node {info.node_id:016x} must authenticate but {lacks}: nothing of it is used")

    def admits(self, message: wire.Message) -> bool:
        """Whether a message may be read; what may not is counted."""
        if self._session is None:
            return self._admits_untagged()
        verdict = self._session.judge(message)
        if verdict is Verdict.GOOD:
            self._proven.add(self._node_id)
            self._bad = 0
            return True
        if verdict is Verdict.MISSING:
            return self._admits_untagged()
        self._counters[verdict.value] += 1
        self._count_bad(verdict)
        return False

    def seal(self, message: wire.Message) -> wire.Message:
        """The message as it is sent: tagged, where there is a session."""
        return self._session.seal(message) if self._session else message

    def complaints(self) -> list[str]:
        """What a user should know since the last call."""
        told, self._complaints = self._complaints, []
        return told

    def _admits_untagged(self) -> bool:
        """Only where nothing was ever proved, and nothing is required."""
        if self._access.policy == "require" or (self._access.policy == "prefer" and self._node_id in self._proven):
            self._counters[Verdict.MISSING.value] += 1
            return False
        return True

    def _count_bad(self, verdict: Verdict) -> None:
        self._bad += verdict is Verdict.BAD
        if self._bad == BAD_TAGS_TOLD:
            node = f"{self._node_id:016x}"
            self._complaints.append(f"node {node} fails authentication: its key differs, or another speaks for it")
