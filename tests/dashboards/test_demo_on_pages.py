"""The whole product at once: the demo as its command starts it, a real broker, and all four pages in Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho
import pytest
from browser_tools import PAGE_PATIENCE_MS, is_listening, long, needs_browser, note_cues, waited_for
from paho.mqtt.enums import CallbackAPIVersion

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_browser
ADDRESS = re.compile(r"^(phone|kiosk|coach|operator) +http://[^:/]+:(\S+)$", re.MULTILINE)
CROWDED = 3.0 * (os.cpu_count() or 1)
"""With more than this waiting to run, a lifter in real time is no longer one: sensors fall silent, reps are missed."""
KIOSK, PHONE, OPERATOR = "kiosk", "phone", "operator"


@dataclass
class Demo:
    """The demo's process, what it has said over MQTT, and its pages. reps: counted ones by session and set; cues:
    those spoken; done: the reps of finished sets.
    """

    process: subprocess.Popen[bytes]
    out: Path
    reps: dict[tuple[str, int], set[int]] = field(default_factory=dict)
    cues: list[str] = field(default_factory=list)
    done: dict[tuple[str, int], int] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def addresses(self) -> dict[str, str]:
        """The four that it printed, on this computer."""
        return {name: f"http://127.0.0.1:{rest}" for name, rest in ADDRESS.findall(self.out.read_text("utf-8"))}

    def heard(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        """Note what the box says itself."""
        kind, body = message.topic.rsplit("/", 1)[-1], json.loads(message.payload)
        with self.lock:
            if kind == "rep" and body["counted"]:
                self.reps.setdefault((body["session"], body["set"]), set()).add(body["rep"])
            spoken = body if kind == "alert" else body.get("sign") if kind == "event" else None
            if spoken is not None and spoken["spoken"]:
                self.cues.append(spoken["cue"])
            if kind == "set" and body["final"]:
                self.done[body["session"], body["set"]] = body["reps"]

    def counts(self) -> dict[str, dict[str, int]]:
        """By page and set, the count that it showed last."""
        return {name: self.pages[name].evaluate("window.counts") for name in (KIOSK, PHONE, OPERATOR)}

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait, with the pages alive."""

        def asked() -> bool:
            self.pages[KIOSK].wait_for_timeout(50)
            return condition()

        def story() -> str:
            return f"{self.counts()} {self.reps} {self.cues} {self.done} {self.out.read_text('utf-8')[-2000:]}"

        try:
            waited_for(asked, story, patience_s=240)
        except AssertionError:
            skip_where_crowded()
            raise


def skip_where_crowded() -> None:
    """Nothing that needs real time can be shown on a computer that has none to give."""
    if (load := os.getloadavg()[0]) > CROWDED:
        pytest.skip(f"this computer is too crowded for a lifter in real time: load {load:.0f}")


@pytest.fixture(scope="module")
def demo(browser: Browser, broker: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Started by its command; its pages opened at the addresses that it prints."""
    skip_where_crowded()
    out = tmp_path_factory.mktemp("demo") / "out"
    with out.open("wb") as file:
        command = [sys.executable, "-m", "edge.cli", "demo", "--broker", f"127.0.0.1:{broker}"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    with contextlib.suppress(PermissionError):  # it is a machine in real time: others' load must not make it miss reps
        os.setpriority(os.PRIO_PROCESS, process.pid, -15)
    demo = Demo(process, out)
    ear = paho.Client(CallbackAPIVersion.VERSION2)
    ear.on_message = demo.heard
    ear.connect("127.0.0.1", broker)
    ear.subscribe([("sledguard/v1/+/machine/+/" + kind, 1) for kind in ("rep", "alert", "event", "set")])
    ear.loop_start()
    waited_for(lambda: len(demo.addresses()) == 4, lambda: out.read_text("utf-8"))
    assert is_listening(int(demo.addresses()["coach"].split(":")[2].split("/")[0]))
    for name, address in demo.addresses().items():
        demo.pages[name] = opened(browser, name, address)
    yield demo
    process.send_signal(signal.SIGINT)
    process.wait(60)
    ear.disconnect()
    ear.loop_stop()


def opened(browser: Browser, name: str, address: str) -> Page:
    """A page as somebody opens it, noting every count by its set, and every cue."""
    shape: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
    page = browser.new_context(**shape).new_page()
    page.set_default_timeout(PAGE_PATIENCE_MS)
    page.goto(address)
    page.wait_for_selector(".desk" if name in ("coach", OPERATOR) else "#reps", state="attached")
    page.wait_for_load_state()
    if name in (KIOSK, PHONE):
        note_cues(page)
        page.evaluate("""() => {
          window.counts = {};
          window.cuesGone = 0;
          const cue = document.getElementById('cue');
          new MutationObserver(() => { if (cue.hidden && window.cues.length) window.cuesGone++; })
            .observe(cue, { attributes: true, attributeFilter: ['hidden'] });
          const note = () => {
            const number = document.getElementById('set').textContent.match(/[0-9]+/);
            if (number) window.counts[number] = Number(document.getElementById('reps').textContent);
          };
          new MutationObserver(note).observe(document.getElementById('reps'), { childList: true });
        }""")
    if name == OPERATOR:
        page.evaluate("""() => {
          window.counts = {};
          const note = () => {
            const [, set, reps] = document.body.textContent.match(/set ([0-9]+): ([0-9]+) reps/) ?? [];
            if (set) window.counts[set] = Number(reps);
          };
          new MutationObserver(note).observe(document.querySelector('[data-fresh]'), { childList: true });
        }""")
    return page


def shown_to_coach(demo: Demo) -> bool:
    """Whether the coach's first page, loaded anew, has as many counted reps as the demo has told of."""
    coach = demo.pages["coach"]
    coach.reload()
    return coach.locator(".sessions .chip:not(.void)").count() == sum(len(reps) for reps in demo.reps.values())


def test_a_demo_session_on_all_four_pages(demo: Demo) -> None:
    """A cue comes on phone and kiosk and goes; with the box held still in mid-set all four show the reps that it
    counted, phone and kiosk say NO SIGNAL, and go on by themselves.
    """
    demo.until(lambda: any(len(reps) >= 3 for reps in demo.reps.values()) and bool(demo.cues))
    for name in (KIOSK, PHONE):
        demo.pages[name].wait_for_function("() => window.cues.length")
        shown = demo.pages[name].evaluate("window.cues[0]")
        assert shown["seen"]
        demo.until(lambda text=shown["text"]: text in demo.cues)  # type: ignore[misc]
        demo.pages[name].wait_for_function("() => window.cuesGone")
    assert demo.pages[OPERATOR].locator("li.grave").all_inner_texts() == []
    demo.process.send_signal(signal.SIGSTOP)
    for name in (KIOSK, PHONE):
        demo.pages[name].wait_for_selector("#lost:not([hidden])")
    newest, reps = list(demo.reps.items())[-1]
    demo.until(lambda: all(shown.get(str(newest[1])) == len(reps) for shown in demo.counts().values()))
    demo.until(lambda: shown_to_coach(demo))
    demo.process.send_signal(signal.SIGCONT)
    for name in (KIOSK, PHONE):
        demo.pages[name].wait_for_selector("#lost", state="hidden")


@long
def test_the_set_to_its_end(demo: Demo) -> None:
    """The summary on phone and kiosk, and the set's count on all four, as the box told it."""
    demo.until(lambda: bool(demo.done))
    for name in (KIOSK, PHONE):
        demo.pages[name].wait_for_selector("[data-view=rest] #facts dd")
    (_, number), reps = next(iter(demo.done.items()))
    demo.until(lambda: all(shown.get(str(number)) == reps for shown in demo.counts().values()))
    demo.until(lambda: shown_to_coach(demo))
