"""Checks of authentication: with the right key, without, with a wrong one, and with what was heard before."""

from __future__ import annotations

from random import Random

from edge.node_test.dialog import Dialog, Heard, Steps
from edge.node_test.findings import Finding, Findings
from edge.node_test.introduction import Known, greet
from firmware_protocol import wire
from firmware_protocol.auth import KEY_SIZE, Session, Verdict
from firmware_protocol.messages import Ack, Payload, Stream
from firmware_protocol.registries import AckCode, Caps

SECTION = "10"
STOP = Stream(0, 40_000)


def begin_session(dialog: Dialog, known: Known, key: bytes, random: Random) -> Steps[bool]:
    """A new HELLO, and from its INFO on all that is said carries tags."""
    info = yield from greet(dialog, known, random)
    if info is None:
        return False
    dialog.session = Session(key, known.host_nonce, info.node_nonce)
    return True


def check_access(dialog: Dialog, known: Known, key: bytes | None, findings: Findings, random: Random) -> Steps[None]:
    """A wrong key, a replayed message and a missing tag are refused; the right key is taken."""
    if not known.can(Caps.AUTH):
        text = "the node cannot authenticate" if key is None else "a key is given, but the node cannot authenticate"
        findings.add(Finding("auth", SECTION, "SKIP" if key is None else "FAIL", text))
        return
    if key is None:
        findings.add(Finding("auth", SECTION, "SKIP", "the node can authenticate; its key is not in the secrets file"))
        return
    yield from _check_right_key(dialog, known, key, findings, random)
    yield from _check_refused(dialog, findings, "auth-downgrade", wire.build(STOP), "a command without a tag")
    yield from _check_replay(dialog, findings)
    yield from _check_wrong_key(dialog, known, findings, random)
    yield from begin_session(dialog, known, key, random)


def _check_right_key(dialog: Dialog, known: Known, key: bytes, findings: Findings, random: Random) -> Steps[None]:
    yield from begin_session(dialog, known, key, random)
    message = dialog.say(STOP)
    heard = yield from dialog.until(lambda h: _is_ack(h, message.seq))
    ack = heard.payload if heard else None
    if not isinstance(ack, Ack) or ack.code != AckCode.OK:
        text = f"a command with the right key gets {f'ACK {ack.code}' if isinstance(ack, Ack) else 'no answer'}"
        findings.add(Finding("auth", SECTION, "FAIL", text))
    elif heard and heard.verdict is not Verdict.GOOD:
        findings.add(Finding("auth", SECTION, "FAIL", f"answers with a tag that is {heard.verdict}"))
    else:
        findings.add(Finding("auth", SECTION, "PASS", "takes commands made with its key, and tags its answers"))


def _check_refused(dialog: Dialog, findings: Findings, check: str, message: wire.Message, what: str) -> Steps[None]:
    """Sends a message as it is; only ACK 9 or 10, or silence, is right."""
    sent = dialog.say_message(message._replace(seq=dialog.next_seq()) if not message.tag else message, tagged=False)
    heard = yield from dialog.until(lambda h: _is_ack(h, sent.seq))
    _judge(findings, check, heard.payload if heard else None, what)


def _check_replay(dialog: Dialog, findings: Findings) -> Steps[None]:
    """A good command comes again after many others: no longer a repetition, but a replay."""
    if dialog.session is None:
        return
    old = dialog.session.seal(wire.build(STOP, seq=dialog.next_seq()))
    dialog.say_message(old)
    yield from dialog.until(lambda h: _is_ack(h, old.seq))
    for _ in range(6):
        yield from dialog.ask(STOP)
    yield from _check_refused(dialog, findings, "auth-replay", old, "a replayed command")


def _check_wrong_key(dialog: Dialog, known: Known, findings: Findings, random: Random) -> Steps[None]:
    yield from begin_session(dialog, known, random.randbytes(KEY_SIZE), random)
    message = dialog.say(STOP)
    heard = yield from dialog.until(lambda h: _is_ack(h, message.seq))
    _judge(findings, "auth-wrong-key", heard.payload if heard else None, "a command made with a wrong key")


def _judge(findings: Findings, check: str, ack: Payload | None, what: str) -> None:
    refusals = (AckCode.AUTH_REQUIRED, AckCode.AUTH_FAILED)
    if isinstance(ack, Ack) and ack.code not in refusals:
        findings.add(Finding(check, SECTION, "FAIL", f"{what} gets ACK {ack.code}: it is acted on"))
    else:
        findings.add(Finding(check, SECTION, "PASS", f"{what} is refused"))


def _is_ack(heard: Heard, seq: int) -> bool:
    return isinstance(heard.payload, Ack) and heard.payload.req_seq == seq
