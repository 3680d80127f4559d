"""The pages' own process: a web server, fed by a broker. Everything is wired here, and nothing is decided."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec
import uvicorn

from dashboards.access import Access, keys_in
from dashboards.app import make_app
from dashboards.connection import SAID_MAX
from dashboards.hub import STEP_S, Hub
from dashboards.network import lan_address
from dashboards.site import Site
from edge.broker_access import check_access
from edge.clock import read_clock
from edge.errors import SledguardError
from edge.history.historian import Historian
from edge.history.queries import Queries
from edge.history.received import Place
from edge.history.store import Store, sqlite_url
from edge.history.subscription import Arrival, Subscription
from edge.service import signs_of_life
from edge.settings import MqttSettings

KEYS_FILE, HISTORY_FILE, LOCK_FILE, ADDRESSES_FILE = "keys.json", "history.sqlite", "pages.lock", "addresses"
CLOSE_MAX_S = 1
RECALLS_AFTER_S = (0.0, 2.0, 8.0)
"""What the broker kept for the history meanwhile comes piece by piece, and a box asks for its broker every 4 s."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """mqtt: the broker; folder: where keys and history are kept; host and port: where to listen; address: what phones
    are told to open, None to find out; store: the history's URL, None for a file in the folder; confirm: whether boxes
    are told what is kept there; certificate and key_file: for HTTPS.
    """

    mqtt: MqttSettings
    folder: Path
    host: str
    port: int
    address: str | None = None
    store: str | None = None
    confirm: bool = False
    certificate: Path | None = None
    key_file: Path | None = None


class Server(uvicorn.Server):
    """uvicorn's, whose signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are taken by the command."""
        yield


async def serve(settings: ServeSettings, tell: Callable[[str], None], *, with_parent: bool = False) -> None:
    """Serve until a signal, or, with_parent, until standard input ends: a demo that is killed leaves nothing behind."""
    pages, stop, loop = Pages(settings, tell), asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if with_parent:
        loop.add_reader(sys.stdin.fileno(), stop.set)
    await pages.run(stop)


class Pages:
    """The process: listens once made; `run` until stopped. tell: takes a line for whoever started it."""

    def __init__(self, settings: ServeSettings, tell: Callable[[str], None]) -> None:
        self._lock = _lock(settings.folder)
        check_certificate(settings.certificate, settings.key_file)
        self._settings = settings
        self._listener = _listen(settings.host, settings.port)
        self.port = int(self._listener.getsockname()[1])
        scheme = "https" if settings.certificate else "http"
        address = settings.address or f"{scheme}://{lan_address(settings.host)}:{self.port}"
        self.site = Site(
            hub=Hub(),
            access=Access(keys_in(settings.folder / KEYS_FILE)),
            address=address.rstrip("/"),
            utc_now=_utc_now,
            ask_help=self._ask_help,
            send=self._send,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self.site.store = self._store = store = Store(settings.store or sqlite_url(settings.folder / HISTORY_FILE))
        self._historian = historian = Historian(store, send=self._say_to_box, confirms=settings.confirm)
        self.site.history_problem = lambda: historian.problem
        self._subscription: Subscription | None = None
        self._keeping: Subscription | None = None
        self._tell, self._lines = tell, list[str]()
        self._told: set[Place] = set()
        self._ending = False

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until stop is set."""
        ends = self._subscribe()
        server = Server(self._uvicorn_config())
        serving = asyncio.create_task(server.serve(sockets=[self._listener]))
        beside = [asyncio.create_task(self._step()), asyncio.create_task(signs_of_life())]
        self._tell_where(*staff_lines(self.site))
        try:
            await _either(asyncio.create_task(stop.wait()), serving)
        finally:
            self._ending = True
            server.should_exit = True
            for task in beside:
                task.cancel()
            await serving
            for end in ends:
                await asyncio.to_thread(end)

    def _subscribe(self) -> list[Callable[[], None]]:
        """From here on the broker's messages come, to the pages and to the history; what ends that, in order."""
        hub, loop = self.site.hub, asyncio.get_running_loop()
        access = check_access(self._settings.mqtt, f"sledguard-pages-{os.urandom(4).hex()}")

        def arrived(arrival: Arrival) -> None:
            loop.call_soon_threadsafe(hub.arrive, arrival)

        def changed(problem: str | None) -> None:
            if not self._ending:
                loop.call_soon_threadsafe(self._broker_changed, problem)

        self._subscription = told = Subscription(access, arrived, changed)
        keeper = replace(access, client_id=f"sledguard-historian-{_name_of(self._settings.folder)}")
        self._keeping = keeping = Subscription(keeper, self._historian.put, _nobody, durable=True)
        hub.on_session = lambda place, session: self._in_background(self._recall(place, session))
        self._historian.start()
        told.start()
        keeping.start()
        return [told.stop, keeping.stop, self._historian.stop]

    def _tell_where(self, *lines: str) -> None:
        """Where to look, with the keys; in a file of ours as well, since of a service nobody sees what it prints."""
        self._lines += lines
        for line in lines:
            self._tell(line)
        try:
            kept = os.open(self._settings.folder / ADDRESSES_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(kept, "w", encoding="utf-8") as file:
                file.write("\n".join([*self._lines, ""]))
        except OSError as error:
            log.warning("%s cannot be written: %s", self._settings.folder / ADDRESSES_FILE, error.strerror)

    def _broker_changed(self, problem: str | None) -> None:
        self.site.hub.broker_changed(problem)
        for place, view in self.site.hub.machines.items() if problem is None else ():
            if view.session:
                self._in_background(self._recall(place, view.session))

    async def _recall(self, place: Place, session: str) -> None:
        """Ask the history about a session that was on before this process was, or while it had no broker."""
        for pause_s in RECALLS_AFTER_S:
            await asyncio.sleep(pause_s)
            view = self.site.hub.machines.get(place)
            boot = (view.boot if view else None) or ""
            past = await asyncio.to_thread(Queries(self._store).named, place, session, boot)
            if past is not None:
                self.site.hub.recall(place, session, past)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _step(self) -> None:
        while True:
            await asyncio.sleep(STEP_S)
            self.site.hub.step()
            for place in [p for p in self.site.hub.machines if p not in self._told]:
                self._told.add(place)
                self._tell_where(kiosk_line(self.site, place))

    def _uvicorn_config(self) -> uvicorn.Config:
        settings = self._settings
        return uvicorn.Config(
            make_app(self.site),
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=2 * SAID_MAX,
            ws_per_message_deflate=False,
            ws_ping_interval=20.0,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=1000,
            timeout_graceful_shutdown=CLOSE_MAX_S,
            lifespan="off",
            ssl_certfile=settings.certificate,
            ssl_keyfile=settings.key_file,
        )

    def _say_to_box(self, topic: str, payload: bytes) -> None:
        """The historian's word to a box; lost where the broker is away, and said again."""
        if self._keeping is not None:
            self._keeping.publish(topic, payload)

    def _send(self, topic: str, payload: bytes) -> None:
        """A word of a lifter to a box; one that is not known at once is no use later."""
        if self._subscription is not None and self.site.hub.broker_problem is None:
            self._subscription.publish(topic, payload)

    def _ask_help(self, place: Place) -> bool:
        """Tell that somebody at this machine needs assistance; no word of who or why."""
        if self._subscription is None or self.site.hub.broker_problem is not None:
            return False
        self._subscription.publish(*assistance(place, _utc_now()))
        return True


def assistance(place: Place, utc: datetime) -> tuple[str, bytes]:
    """Topic and payload of the word that somebody at this machine asks for assistance."""
    body = {"v": 1, "type": "assistance", "ts": utc.isoformat(), "machine": place.machine}
    return f"{place.topic}/assistance", msgspec.json.encode(body)


async def _either(one: asyncio.Task[Any], other: asyncio.Task[Any]) -> None:
    await asyncio.wait((one, other), return_when=asyncio.FIRST_COMPLETED)
    one.cancel()


def _lock(folder: Path) -> IO[bytes]:
    """The folder, made if need be and ours alone for as long as the file that is returned is open: two historians of
    one name would throw each other out at the broker. SledguardError: it cannot be had.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK_FILE).open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SledguardError(
            f"{folder}: another `sledguard dashboards` uses it; stop that one, or name another with --folder"
        ) from error
    except OSError as error:
        raise SledguardError(
            f"{folder}: keys and history cannot be kept there ({error.strerror}); name another with --folder"
        ) from error
    return lock


def check_certificate(certificate: Path | None, key_file: Path | None) -> None:
    """SledguardError: HTTPS is wanted, and cannot be had with these."""
    if certificate is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key_file)
    except (OSError, ssl.SSLError) as error:
        raise SledguardError(
            f"--certificate {certificate}, --key-file {key_file}: cannot be used ({error.strerror}); give PEM files"
        ) from error


def _nobody(_problem: str | None) -> None:
    """The pages' own subscription tells of the broker already."""


def staff_lines(site: Site) -> list[str]:
    """Where coach and operator go in; the key stands behind the #, so that no log and no proxy sees it."""
    keys = site.access.keys
    return [f"coach     {site.address}/coach#{keys.coach}", f"operator  {site.address}/operator#{keys.operator}"]


def kiosk_line(site: Site, place: Place) -> str:
    """What the screen at a machine is to open."""
    return f"kiosk     {site.address}/kiosk/{place}#{site.access.keys.kiosk}"


def _name_of(folder: Path) -> str:
    """The historian's name at the broker: the same at every start, another for every folder."""
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]


def _utc_now() -> datetime:
    return datetime.fromtimestamp(read_clock().utc_ns / 1e9, UTC)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=512)
    except OSError as error:
        raise SledguardError(
            f"{host}:{port} cannot be listened on ({error.strerror}); name another with --listen HOST:PORT"
        ) from error
