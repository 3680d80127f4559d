"""Checks of commands: answered, once, in any length."""

from __future__ import annotations

from edge.node_test.dialog import Dialog, Heard, Steps
from edge.node_test.findings import Finding, Findings
from edge.node_test.introduction import Known
from firmware_protocol import wire
from firmware_protocol.messages import (
    Ack,
    Buzz,
    CfgGet,
    CfgSet,
    CfgValue,
    Identify,
    LoadBatch,
    LoadOne,
    Pulse,
    Reboot,
    Stream,
    Tare,
    TimeReq,
    TimeRsp,
)
from firmware_protocol.registries import AckCode, Caps, ConfigKey
from firmware_protocol.scaling import load_counts

SECTION = "7"
UNUSED_COMMAND = 0x2F
UNUSED_KEY = 0x7777
TARE_SAMPLES = 40
TARE_S = 8.0
"""40 samples at 10 Hz, the slowest converters in use, and time to settle."""

TARE_SIGMAS = 3.0
LONG_TARE_SAMPLES = 200
AT_ONCE_S = 0.5
"""200 samples take 2.5 s at 80 Hz: an answer in half a second was not measured anew."""


def _expect(findings: Findings, check: str, ack: Ack | None, code: AckCode, what: str) -> None:
    if ack is not None and ack.code == code:
        findings.add(Finding(check, SECTION, "PASS", f"{what}: ACK {int(code)}"))
        return
    got = "no answer" if ack is None else f"ACK {ack.code}"
    findings.add(Finding(check, SECTION, "FAIL", f"{what}: {got}, ACK {int(code)} is due"))


def check_unknown(dialog: Dialog, findings: Findings) -> Steps[None]:
    """Unknown commands and keys are answered, so that a host knows at once."""
    message = dialog.say_message(wire.Message(UNUSED_COMMAND, 0, dialog.next_seq(), b"\1\2"))
    _expect(findings, "unknown-command", (yield from dialog.ack_of(message)), AckCode.UNKNOWN_TYPE, "unknown command")
    ack = yield from dialog.ask(CfgGet(UNUSED_KEY))
    _expect(findings, "unknown-key", ack, AckCode.UNKNOWN_KEY, "unknown configuration key")


def check_lengths(dialog: Dialog, findings: Findings) -> Steps[None]:
    """Longer payloads are a later version's and are taken; shorter ones are refused."""
    stop = wire.build(Stream(0, 40_000), seq=dialog.next_seq())
    message = dialog.say_message(stop._replace(payload=stop.payload + b"later"))
    _expect(findings, "long-payload", (yield from dialog.ack_of(message)), AckCode.OK, "payload longer than known")
    message = dialog.say_message(stop._replace(payload=stop.payload[:3], seq=dialog.next_seq()))
    _expect(
        findings, "short-payload", (yield from dialog.ack_of(message)), AckCode.BAD_LENGTH, "payload shorter than known"
    )
    message = dialog.say(Reboot(0, 0x12345678))
    ack = yield from dialog.ack_of(message)
    if ack is not None and ack.code == AckCode.OK:
        findings.add(Finding("reboot-magic", SECTION, "FAIL", "REBOOT without its magic number is obeyed"))
    else:
        findings.add(Finding("reboot-magic", SECTION, "PASS", "REBOOT without its magic number is refused"))


def _read_name(dialog: Dialog) -> Steps[bytes | None]:
    dialog.say(CfgGet(ConfigKey.NAME))
    heard = yield from dialog.until(lambda h: isinstance(h.payload, CfgValue) and h.payload.key == ConfigKey.NAME)
    return heard.payload.value if heard and isinstance(heard.payload, CfgValue) else None


def check_once(dialog: Dialog, known: Known, findings: Findings) -> Steps[None]:
    """A command that comes again is answered again, the same, and not acted on: by a name set twice, or a tare."""
    name = yield from _read_name(dialog)
    if name is not None:
        yield from _check_once_by_name(dialog, name, findings)
    elif known.can(Caps.TARE) and known.loads:
        yield from _check_once_by_tare(dialog, known.loads[0].chan, findings)
    else:
        text = "the node has neither a name to set nor a tare: it cannot be seen"
        findings.add(Finding("at-most-once", SECTION, "SKIP", text))


def _check_once_by_tare(dialog: Dialog, chan: int, findings: Findings) -> Steps[None]:
    """A long tare that comes again is answered at once: a node that tares again needs as long as before."""
    yield from dialog.ask(Stream(1 << chan, 40_000))
    message = dialog.say(Tare(LONG_TARE_SAMPLES, 0), chan=chan)
    ack = yield from dialog.ack_of(message, 4 * TARE_S)
    dialog.say_message(message)
    again = yield from dialog.ack_of(message, AT_ONCE_S)
    yield from dialog.wait(TARE_S if again is None else 0.0)
    yield from dialog.ask(Stream(0, 40_000))
    if ack is None or ack.code != AckCode.OK:
        _expect(findings, "at-most-once", ack, AckCode.OK, f"TARE of channel {chan}")
    elif again != ack:
        text = f"a repeated TARE is not answered by the same ACK within {AT_ONCE_S} s: is it done again?"
        findings.add(Finding("at-most-once", SECTION, "FAIL", text))
    else:
        findings.add(Finding("at-most-once", SECTION, "PASS", "a repeated TARE gets the same ACK at once"))


def _check_once_by_name(dialog: Dialog, name: bytes, findings: Findings) -> Steps[None]:
    first = dialog.say(CfgSet(ConfigKey.NAME, b"first"))
    ack = yield from dialog.ack_of(first)
    yield from dialog.ask(CfgSet(ConfigKey.NAME, b"second"))
    dialog.say_message(first)
    again = yield from dialog.ack_of(first)
    after = yield from _read_name(dialog)
    yield from dialog.ask(CfgSet(ConfigKey.NAME, name))
    if after == b"first":
        text = "a command repeated with the same seq is acted on again (a doubled TARE or BUZZ would be a real fault)"
        findings.add(Finding("at-most-once", SECTION, "FAIL", text))
    elif again is None or again != ack:
        text = f"a repeated command is answered by {again}, the first time by {ack}"
        findings.add(Finding("at-most-once", SECTION, "FAIL", text))
    else:
        findings.add(Finding("at-most-once", SECTION, "PASS", "a repeated command gets the same ACK and acts once"))


def check_identify(dialog: Dialog, findings: Findings) -> Steps[None]:
    """IDENTIFY is answered; whether it shines and buzzes is for you to see."""
    _expect(findings, "identify", (yield from dialog.ask(Identify(2))), AckCode.OK, "IDENTIFY (look: does it show?)")


def check_buzz(dialog: Dialog, known: Known, findings: Findings) -> Steps[None]:
    """A cue that comes too late is not played; one in time is."""
    if not known.can(Caps.BUZZ):
        findings.add(Finding("buzz-expired", SECTION, "SKIP", "the node cannot buzz"))
        return
    dialog.say(TimeReq(0xB022))
    heard = yield from dialog.until(lambda h: isinstance(h.payload, TimeRsp) and h.payload.token == 0xB022)
    if heard is None or not isinstance(heard.payload, TimeRsp):
        findings.add(Finding("buzz-expired", SECTION, "SKIP", "without TIME_RSP the node's clock is not known"))
        return
    pulses = (Pulse(30, 5, 5),)
    now_us = heard.payload.rx_us
    late = Buzz(1, 1, 1, (now_us - 1_000_000) & 0xFFFFFFFF, pulses)
    _expect(findings, "buzz-expired", (yield from dialog.ask(late)), AckCode.EXPIRED, "BUZZ a second too late")
    fresh = Buzz(2, 1, 1, (now_us + 5_000_000) & 0xFFFFFFFF, pulses)
    _expect(findings, "buzz", (yield from dialog.ask(fresh)), AckCode.OK, "BUZZ in time")


def check_tare(dialog: Dialog, known: Known, findings: Findings) -> Steps[None]:
    """After TARE each load channel reads zero, within its own noise."""
    if not known.can(Caps.TARE) or not known.loads:
        findings.add(Finding("tare", SECTION, "SKIP", "no load channel that can tare"))
        return
    yield from dialog.ask(Stream(sum(1 << c.chan for c in known.loads), 40_000))
    for channel in known.loads:
        ack = yield from dialog.ask(Tare(TARE_SAMPLES, 0), chan=channel.chan, timeout_s=TARE_S)
        if ack is None or ack.code != AckCode.OK:
            _expect(findings, "tare", ack, AckCode.OK, f"TARE of channel {channel.chan}")
            continue
        yield from _check_zero(dialog, channel.chan, findings)
    yield from dialog.ask(Stream(0, 40_000))


def _check_zero(dialog: Dialog, chan: int, findings: Findings) -> Steps[None]:
    """The mean of the second after a tare stands within three standard deviations of zero."""
    yield from dialog.wait(0.2)
    counts: list[int] = []

    def gather(heard: Heard) -> None:
        if isinstance(heard.payload, LoadBatch | LoadOne) and heard.message.chan == chan:
            counts.extend(load_counts(heard.payload.samples))

    dialog.on_heard.append(gather)
    yield from dialog.wait(1.0)
    dialog.on_heard.remove(gather)
    if len(counts) < 5:
        findings.add(Finding("tare", SECTION, "FAIL", f"channel {chan} does not stream after TARE"))
        return
    mean = sum(counts) / len(counts)
    spread = max(1.0, (sum((c - mean) ** 2 for c in counts) / len(counts)) ** 0.5)
    values: dict[str, float | int | str] = {"chan": chan, "mean_lsb": round(mean, 1), "noise_lsb": round(spread, 1)}
    if abs(mean) > TARE_SIGMAS * spread:
        text = f"after TARE channel {chan} reads {mean:.0f} counts, its noise is {spread:.0f}"
        findings.add(Finding("tare", SECTION, "FAIL", text, values))
        return
    findings.add(Finding("tare", SECTION, "PASS", "after TARE the load channels read zero", values))
