"""Checks of what a node makes of a damaged line: no message out of damage, and hearing again right after it."""

from __future__ import annotations

from random import Random

from edge.node_test.dialog import Dialog, Heard, Steps
from edge.node_test.findings import Finding, Findings
from firmware_protocol import wire
from firmware_protocol.framing import frame
from firmware_protocol.messages import TimeReq, TimeRsp

SECTION = "3.1"
FLIPS = 96
SETTLE_S = 0.3


def _request(dialog: Dialog, token: int) -> bytes:
    message = wire.build(TimeReq(token), seq=dialog.next_seq())
    sealed = dialog.session.seal(message) if dialog.session else message
    return frame(sealed.encode())


def _answers(dialog: Dialog, token: int) -> Steps[bool]:
    """Whether the node answers a good TIME_REQ now."""
    dialog.outgoing.append(_request(dialog, token))
    heard = yield from dialog.until(lambda h: isinstance(h.payload, TimeRsp) and h.payload.token == token)
    return heard is not None


def check_damage(dialog: Dialog, findings: Findings, random: Random) -> Steps[None]:
    """Flipped bits, cut frames, noise: nothing of it is answered, and the next good frame is."""
    if not dialog.framed:
        findings.add(Finding("damage", SECTION, "SKIP", "GATT has no frames: its link layer keeps them whole"))
        return
    if not (yield from _answers(dialog, 0x1000)):
        findings.add(Finding("damage", SECTION, "SKIP", "without answers to TIME_REQ it cannot be seen"))
        return
    yield from _check_flips(dialog, findings, random)
    yield from _check_noise(dialog, findings, random)
    yield from _check_pieces(dialog, findings)


def _check_flips(dialog: Dialog, findings: Findings, random: Random) -> Steps[None]:
    answered: list[Heard] = []
    dialog.on_heard.append(lambda h: answered.append(h) if isinstance(h.payload, TimeRsp) else None)
    for k in range(FLIPS):
        damaged = bytearray(_request(dialog, 0x2000 + k))
        bit = random.randrange(8 * (len(damaged) - 1))
        damaged[bit // 8] ^= 1 << bit % 8
        dialog.outgoing.append(bytes(damaged) + b"\0")
        yield from dialog.wait(0.02)
    yield from dialog.wait(SETTLE_S)
    dialog.on_heard.pop()
    if answered:
        text = "acts on frames whose CRC is wrong"
        findings.add(Finding("bit-flips", SECTION, "FAIL", text, {"flips": FLIPS, "answered": len(answered)}))
    else:
        findings.add(Finding("bit-flips", SECTION, "PASS", "no damaged frame is acted on", {"flips": FLIPS}))


def _check_noise(dialog: Dialog, findings: Findings, random: Random) -> Steps[None]:
    """A cut frame, noise with and without zeros, and far too long a frame: after each the node hears again."""
    good = _request(dialog, 0x3000)
    noises = {
        "a cut frame": good[: len(good) // 2] + b"\0",
        "two frames run together": good[:-1] + good,
        "noise": random.randbytes(200) + b"\0",
        "zeros": bytes(20),
        "400 bytes without a zero": bytes(random.randrange(1, 256) for _ in range(400)) + b"\0",
    }
    deaf = []
    for k, (name, noise) in enumerate(noises.items()):
        dialog.outgoing.append(noise)
        yield from dialog.wait(SETTLE_S)
        if not (yield from _answers(dialog, 0x3100 + k)):
            deaf.append(name)
    if deaf:
        findings.add(Finding("resync", SECTION, "FAIL", f"does not hear the next good frame after {', '.join(deaf)}"))
    else:
        findings.add(Finding("resync", SECTION, "PASS", "hears the next good frame after any damage"))


def _check_pieces(dialog: Dialog, findings: Findings) -> Steps[None]:
    """A frame that comes byte by byte is a frame."""
    answered: list[Heard] = []
    dialog.on_heard.append(lambda h: answered.append(h) if isinstance(h.payload, TimeRsp) else None)
    for byte in _request(dialog, 0x4000):
        dialog.outgoing.append(bytes([byte]))
        yield from dialog.wait(0.005)
    yield from dialog.wait(SETTLE_S)
    dialog.on_heard.pop()
    if not answered:
        findings.add(Finding("pieces", SECTION, "FAIL", "does not hear a frame that comes byte by byte"))
    else:
        findings.add(Finding("pieces", SECTION, "PASS", "hears a frame that comes byte by byte"))
