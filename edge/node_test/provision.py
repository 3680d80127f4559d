"""Gives a node its key, once: over USB or a bonded link, and kept in the secrets file."""

from __future__ import annotations

import secrets
from pathlib import Path
from random import Random

from edge.errors import ConfigError
from edge.node_keys import load_keys, store_keys
from edge.node_test.dialog import Dialog, Steps
from edge.node_test.introduction import Known, greet
from firmware_protocol.auth import KEY_SIZE
from firmware_protocol.messages import CfgSet
from firmware_protocol.registries import AckCode, ConfigKey

HELLOS = 3


class Provisioning:
    """Asks the node who it is, keeps a fresh key for it, and gives it that key. problem: why it did not."""

    def __init__(self, secrets_path: Path, *, framed: bool) -> None:
        self.dialog = Dialog(framed=framed)
        self.finished = False
        self.problem: str | None = None
        self.node_id = ""
        self._path = secrets_path
        self._steps = self._all()

    def advance(self, t_ns: int) -> None:
        """Goes on at t_ns."""
        self.dialog.now_ns = max(self.dialog.now_ns, t_ns)
        try:
            next(self._steps)
        except StopIteration:
            self.finished = True

    def _all(self) -> Steps[None]:
        known, random = Known(), Random(secrets.randbits(64))  # noqa: S311 - only nonces that need not be secret
        for _ in range(HELLOS):
            if (yield from greet(self.dialog, known, random)):
                break
        if known.info is None:
            self.problem = "no node answers: is it the right port and speed?"
            return
        self.node_id = f"{known.info.node_id:016x}"
        before = load_keys(self._path) if self._path.exists() else {}
        if self.node_id in before:
            self.problem = f"{self._path} holds a key of node {self.node_id} already: remove that line to give another"
            return
        key = secrets.token_bytes(KEY_SIZE)
        store_keys(self._path, before | {self.node_id: key})  # first: a key that a node has must not be lost
        ack = yield from self.dialog.ask(CfgSet(ConfigKey.KEY_SLOT, key))
        if ack is None or ack.code != AckCode.OK:
            store_keys(self._path, before)
            self.problem = f"node {self.node_id} does not take a key ({_why(ack.code if ack else None)})"


NO_AUTH = "it cannot authenticate"


def _why(code: int | None) -> str:
    if code is None:
        return "no answer"
    words = {AckCode.UNKNOWN_TYPE: NO_AUTH, AckCode.UNKNOWN_KEY: NO_AUTH, AckCode.AUTH_REQUIRED: "it has one already"}
    return words.get(AckCode(code), f"ACK {code}") if code in list(AckCode) else f"ACK {code}"


def keys_of(path: Path | None) -> dict[str, bytes]:
    """The keys in a secrets file; none without a file."""
    if path is None:
        return {}
    if not path.exists():
        raise ConfigError(f"{path}: there is no such file")
    return load_keys(path)
