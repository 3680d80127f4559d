"""The whole examination of one node, step by step, without I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from edge.node_test.access import begin_session, check_access
from edge.node_test.clock import ClockProbe, check_clock
from edge.node_test.commands import (
    check_buzz,
    check_identify,
    check_lengths,
    check_once,
    check_tare,
    check_unknown,
)
from edge.node_test.damage import check_damage
from edge.node_test.dialog import Dialog, Steps
from edge.node_test.findings import Finding, Findings
from edge.node_test.introduction import Known, check_hello, check_quiet, check_versions, greet
from edge.node_test.recording import Recording
from edge.node_test.restart import check_restart, check_stop
from edge.node_test.streams import StreamChecks
from firmware_protocol.messages import Stream
from firmware_protocol.registries import Caps

BATCH_US = 40_000
SETTLE_S = 1.0
"""Sensors that have just been started may take some samples to be themselves."""

OTHER_CHECKS_S = 25.0
"""What all checks but the stream take together: for the progress bar only."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to examine. key: the node's, where it has one. key_of: finds it once the node's id is known."""

    framed: bool
    stream_s: float = 300.0
    seed: int = 1
    key_of: Callable[[str], bytes | None] = lambda _node_id: None


class Examination:
    """Feed `receive` and `advance`; write what `dialog.outgoing` holds; ask `finished`."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.dialog = Dialog(framed=plan.framed)
        self.findings = Findings()
        self.known = Known()
        self.finished = False
        self.doing = "listening"
        self._random = Random(plan.seed)  # noqa: S311 - phases and nonces of a test
        self._begun_ns: int | None = None
        self._steps = self._all()

    @property
    def progress(self) -> float:
        """About how much is done, 0 to 1."""
        if self.finished:
            return 1.0
        elapsed_s = (self.dialog.now_ns - (self._begun_ns or self.dialog.now_ns)) * 1e-9
        return min(0.99, elapsed_s / (self.plan.stream_s + OTHER_CHECKS_S))

    def receive(self, t_ns: int, data: bytes) -> None:
        """Bytes of the node arrived."""
        self.dialog.receive(t_ns, data)

    def advance(self, t_ns: int) -> None:
        """Goes on with the examination at t_ns."""
        if self._begun_ns is None:
            self._begun_ns = t_ns
        self.dialog.now_ns = max(self.dialog.now_ns, t_ns)
        if self.finished:
            return
        try:
            next(self._steps)
        except StopIteration:
            self.finished = True

    def _all(self) -> Steps[None]:
        dialog, known, findings, random = self.dialog, self.known, self.findings, self._random
        yield from check_quiet(dialog, findings)
        self.doing = "introduction"
        if not (yield from check_hello(dialog, known, findings, random)):
            return
        yield from check_versions(dialog, findings)
        key = self.plan.key_of(f"{known.info.node_id:016x}") if known.info else None
        self.doing = "authentication"
        yield from check_access(dialog, known, key, findings, random)
        if not (yield from self._again(key)):
            return
        self.doing = "commands"
        yield from check_unknown(dialog, findings)
        yield from check_lengths(dialog, findings)
        yield from check_once(dialog, known, findings)
        yield from check_identify(dialog, findings)
        yield from check_buzz(dialog, known, findings)
        self.doing = "streams"
        yield from self._stream()
        yield from check_stop(dialog, findings)
        self.doing = "tare"
        yield from check_tare(dialog, known, findings)
        self.doing = "damage"
        yield from check_damage(dialog, findings, random)
        self.doing = "restart"
        yield from check_restart(dialog, known, findings, random)
        self._check_line()

    def _again(self, key: bytes | None) -> Steps[bool]:
        """A fresh session for all that follows; a keyed node without its key cannot be examined further."""
        if not self.known.can(Caps.AUTH) or key is not None:
            if key is None or not self.known.can(Caps.AUTH):
                return (yield from greet(self.dialog, self.known, self._random)) is not None
            return (yield from begin_session(self.dialog, self.known, key, self._random))
        text = "it acts only on commands made with its key: give --secrets"
        self.findings.add(Finding("commands", "10", "SKIP", text))
        return False

    def _stream(self) -> Steps[None]:
        dialog, known = self.dialog, self.known
        mask = sum(1 << channel.chan for channel in known.channels)
        yield from dialog.ask(Stream(mask, BATCH_US))
        yield from dialog.wait(SETTLE_S)
        recording, probe = Recording(known.channels), ClockProbe(self._random)
        dialog.on_heard += [recording.hear, probe.hear]
        end_ns = dialog.now_ns + round(self.plan.stream_s * 1e9)
        while dialog.now_ns < end_ns:
            probe.step(dialog)
            yield
        dialog.on_heard.clear()
        StreamChecks(recording, BATCH_US, self.findings).run()
        check_clock(probe, self.findings, claims=known.can(Caps.TIME_SYNC))
        if recording.unproven:
            text = f"{recording.unproven} messages carried no good tag"
            self.findings.add(Finding("auth-stream", "10", "FAIL", text))

    def _check_line(self) -> None:
        """What could not be read of all that the node said."""
        damaged = {reason: count for reason, count in self.dialog.dropped.items() if reason != "unsynchronised"}
        total = sum(damaged.values())
        text = ", ".join(f"{count} × {reason}" for reason, count in damaged.items())
        if total == 0:
            self.findings.add(Finding("line", "3", "PASS", "every byte of the node could be read"))
        elif damaged.get("malformed") or damaged.get("incompatible") or damaged.get("version"):
            self.findings.add(Finding("line", "2", "FAIL", f"the node's own messages are wrong: {text}"))
        else:
            self.findings.add(Finding("line", "3", "WARN", f"damage on the way: {text}"))
