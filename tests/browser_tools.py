"""A box, a broker, the pages as their own process and a real Chromium, for tests of what people see."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import paho.mqtt.client as paho
import pytest
from broker_tools import HOST, MOSQUITTO, WAIT_S, free_port
from example_events import NOTICE
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from published import PLACE, box_online, messages

from dashboards.access import Keys
from edge.events import AnyEvent, CommandResult

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=user-gesture-required",
    # Nothing but this computer exists: a page that loads anything from elsewhere is seen to fail.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
PATIENCE_S = 60.0
PAGE_PATIENCE_MS = 120_000.0  # a page full of curves on a computer that has ten other things to do
LONG = os.environ.get("SLEDGUARD_LONG") == "1"

needs_browser = pytest.mark.skipif(
    CHROMIUM is None or MOSQUITTO is None, reason="no chromium or no mosquitto here: apt-get install chromium mosquitto"
)
long = pytest.mark.skipif(not LONG, reason="takes minutes; SLEDGUARD_LONG=1 runs it")


def waited_for(condition: Callable[[], bool], story: Callable[[], str], patience_s: float = PATIENCE_S) -> None:
    """Return once the condition holds; a minute is enough for the slowest machine. story: told if it never does."""
    until = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < until, story()
        time.sleep(0.05)


def is_listening(port: int) -> bool:
    """Whether somebody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
        return True
    return False


class FakeBox:
    """Publishes as an edge box does, on a time line that runs with the clock. asked: the commands that it was
    given, all answered but those in unanswered; refusals: why it refuses those of a name.
    """

    def __init__(self, port: int) -> None:
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refusals: dict[str, str] = {}
        self.unanswered: set[str] = set()
        self._count = 0
        self._client.on_connect = lambda client, *_: client.subscribe(f"{PLACE.topic}/cmd/+", 1)
        self._client.on_message = lambda _client, _data, message: self._obey(message.topic, message.payload)
        self._client.connect(HOST, port)
        self._client.loop_start()
        self.send(*box_online(), retain=True)

    def begin_anew(self) -> None:
        """For another test: nothing has been asked, and all that will be is answered."""
        self.refusals.clear()
        self.unanswered.clear()
        self.asked.clear()

    @property
    def now_s(self) -> float:
        """The box's clock."""
        return time.monotonic()

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> float:
        """Publish; the UTC at which it was handed to the socket, s."""
        self._count += 1
        body = json.loads(payload) | {"id": f"m-{self._count}"}
        at_s = time.time()
        self._client.publish(topic, json.dumps(body), qos=1, retain=retain)
        return at_s

    def say(self, event: AnyEvent) -> float:
        """Publish an event on all its topics; when, UTC."""
        sent = [
            self.send(topic, payload, retain=topic.endswith(("/state", "/set", "/active")))
            for topic, payload in messages(event)
        ]
        return sent[0]

    def _obey(self, topic: str, payload: bytes) -> None:
        name, body = topic.rpartition("/")[2], json.loads(payload)
        self.asked.append((name, body))
        if name in self.unanswered:
            return
        problem = self.refusals.get(name)
        about: dict[str, Any] = {"command": name, "command_id": body["id"], "ok": problem is None, "problem": problem}
        self.say(CommandResult(t_s=self.now_s, **about))

    def close(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()


class Stream:
    """Says something 20 times a second until stopped: the live stream of a session."""

    def __init__(self, box: FakeBox, make: Any) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(box, make), daemon=True)
        self._thread.start()

    def _run(self, box: FakeBox, make: Any) -> None:
        while not self._stop.wait(0.05):
            box.say(make(box.now_s))

    def stop(self) -> None:
        """No more."""
        self._stop.set()
        self._thread.join()


@dataclass
class Site:
    """The pages' process, which can be killed and started again at the same place."""

    broker: int
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [
            sys.executable, "-m", "edge.cli", "dashboards", "--broker", f"{HOST}:{self.broker}",
            "--listen", f"{HOST}:{self.port}", "--folder", str(self.folder),
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        waited_for(self._answers, lambda: self.log)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(WAIT_S)

    def kept(self, table: str) -> int:
        """How many rows the history has in a table; none before it has its tables."""
        address = f"file:{self.folder / 'history.sqlite'}?mode=ro"
        with (
            contextlib.suppress(sqlite3.OperationalError),
            contextlib.closing(sqlite3.connect(address, uri=True)) as db,
        ):
            return int(db.execute(f"select count(*) from {table}").fetchone()[0])  # noqa: S608
        return 0

    def wait_until_kept(self, **rows: int) -> None:
        """Until the history has so many rows in each of these tables."""
        waited_for(lambda: all(self.kept(table) >= count for table, count in rows.items()), lambda: self.log)

    def wait_until_it_keeps(self, box: FakeBox) -> None:
        """Until what the box says comes into the history: what it says before the historian listens is not for it."""

        def asked() -> bool:
            box.say(msgspec.structs.replace(NOTICE, session="s-1", t_s=box.now_s))
            return self.kept("events") > 0

        waited_for(asked, lambda: self.log)

    @property
    def log(self) -> str:
        """All it has printed."""
        return (self.folder / "log").read_text("utf-8")

    @property
    def keys(self) -> Keys:
        """Its keys."""
        return Keys(**json.loads((self.folder / "keys.json").read_text("utf-8")))

    def address(self, path: str, port: int | None = None) -> str:
        """A page's address; port: of a relay before it."""
        return f"http://{HOST}:{port or self.port}{path}"

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log
        return is_listening(self.port)


def note_cues(page: Page) -> None:
    """Note in the page every cue as it is shown: the test may come to look when it is over already."""
    page.evaluate("""() => {
      window.cues = [];
      const panel = document.getElementById('cue'), text = id => document.getElementById(id).textContent;
      const note = () => { if (!panel.hidden) {
        const styles = [panel, ...panel.querySelectorAll('*')].map(one => getComputedStyle(one));
        window.cues.push({ side: text('cue-side'), text: text('cue-text'), said: text('cue-said'),
          grave: panel.classList.contains('grave'), seen: panel.getBoundingClientRect().height > 100,
          moves: styles.some(style => style.transitionDuration !== '0s' || style.animationName !== 'none') });
      } };
      new MutationObserver(note).observe(panel, { attributes: true });
    }""")


class Relay:
    """A TCP relay to the pages whose line can be cut, stalled (open, but nothing passes) and mended."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._stalled = threading.Event()
        self._sockets: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        """Let everything through."""
        self._stalled.clear()
        if self._listener is None:
            self._listener = socket.create_server((HOST, self.port))
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stall(self) -> None:
        """As a Wi-Fi that went away: connections stay open and carry nothing."""
        self._stalled.set()

    def cut(self) -> None:
        """Drop every connection and take no new ones."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._sockets.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection((HOST, self._target), 2)
            except OSError:
                return
            self._sockets += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(one, other), daemon=True).start()

    def _copy(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                while self._stalled.is_set():
                    time.sleep(0.02)
                other.sendall(data)
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def running_mosquitto(folder: Path) -> Iterator[int]:
    """A mosquitto on loopback; its port."""
    assert MOSQUITTO is not None
    port = free_port()
    (folder / "mosquitto.conf").write_text(f"listener {port} {HOST}\nallow_anonymous true\n")
    process = subprocess.Popen([MOSQUITTO, "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)
    try:
        waited_for(lambda: is_listening(port), lambda: "no mosquitto")
        yield port
    finally:
        process.kill()
        process.wait()
