"""Checks of STREAM's end and of restarts."""

from __future__ import annotations

from random import Random

from edge.node_test.dialog import Dialog, Heard, Steps, is_a
from edge.node_test.findings import Finding, Findings
from edge.node_test.introduction import Known, greet
from firmware_protocol.messages import ImuBatch, ImuOne, Info, LoadBatch, LoadOne, Reboot, Stream
from firmware_protocol.registries import AckCode

REBOOT_MAGIC = 0x544F4F42
REBOOT_S = 10.0
"""From REBOOT to the first INFO: a USB node must first be found again by the host."""


def check_stop(dialog: Dialog, findings: Findings) -> Steps[None]:
    """STREAM 0 ends all samples within half a second."""
    yield from dialog.ask(Stream(0, 40_000))
    yield from dialog.wait(0.5)
    late: list[Heard] = []
    kinds = (ImuBatch, ImuOne, LoadBatch, LoadOne)
    dialog.on_heard.append(lambda h: late.append(h) if isinstance(h.payload, kinds) else None)
    yield from dialog.wait(0.7)
    dialog.on_heard.pop()
    if late:
        findings.add(Finding("stop", "7", "FAIL", "goes on streaming after STREAM 0", {"messages": len(late)}))
    else:
        findings.add(Finding("stop", "7", "PASS", "STREAM 0 stops all channels"))


def check_restart(dialog: Dialog, known: Known, findings: Findings, random: Random) -> Steps[None]:
    """After REBOOT both boot_count and node_nonce are new."""
    before = known.info
    ack = yield from dialog.ask(Reboot(0, REBOOT_MAGIC))
    if before is None or ack is None or ack.code != AckCode.OK:
        text = f"REBOOT is refused ({ack.code if ack else 'no answer'}): switch the node off and on, and test again"
        findings.add(Finding("restart", "8", "WARN", text))
        return
    yield from dialog.until(is_a(Info), REBOOT_S / 4)
    after = None
    for _ in range(int(REBOOT_S)):
        after = yield from greet(dialog, known, random)
        if after:
            break
    if after is None:
        findings.add(Finding("restart", "8", "FAIL", "does not come back within ten seconds of REBOOT"))
        return
    same = [n for n in ("boot_count", "node_nonce") if getattr(after, n) == getattr(before, n)]
    if same:
        text = f"after a restart {' and '.join(same)} {'is' if len(same) == 1 else 'are'} the same as before"
        findings.add(Finding("restart", "8", "FAIL", text))
    elif after.node_id != before.node_id:
        findings.add(Finding("restart", "8", "FAIL", "after a restart node_id is another"))
    else:
        findings.add(Finding("restart", "8", "PASS", "a restart shows in boot_count and node_nonce"))
