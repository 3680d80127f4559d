"""Nodes and hubs on a serial line: USB, RS-485, or a pseudo-terminal.

pyserial opens and configures the port; reading is our own, by `add_reader` and `os.read`, and stamps each chunk as it
arrives. A port that goes away is told to the sink once, and opened again with growing pauses until it is back. Name
ports by `/dev/serial/by-id/…`: that path is of the device, whatever socket it is plugged into.
"""

from __future__ import annotations

import asyncio
import errno
import os
import termios
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass, field

import serial

from edge.clock import monotonic_ns
from edge.events import Send
from edge.sources.base import Sink

READ_MAX_BYTES = 65_536  # a tty gives 4 KiB at most at a time; more costs nothing
QUEUE_MAX_BYTES = 16_384  # what a line that takes nothing may hold back: over 1 s of a line at 115,200 baud
LIVED_MIN_NS = 5_000_000_000  # a port that is lost sooner is failing, not replugged: its pauses go on growing
REOPEN_FIRST_S, REOPEN_MAX_S = 0.2, 5.0  # quick enough for a plug that is put back, slow enough for a night without it

# With pyserial's timeout=0 a read of nothing gives b"", and so does a device that was pulled out. A pulled
# device stays readable and empty; a false wake-up of the loop is over at the next.
EMPTY_READS_MAX = 3

ADVICE = {
    errno.ENOENT: "is the device plugged in?",
    errno.EACCES: "add this user to the group dialout",
    errno.EPERM: "add this user to the group dialout",
    errno.ENOTTY: "this is no serial port: check device",
    errno.EBUSY: "close the other program that uses it",
    errno.EAGAIN: "close the other program that uses it",
    errno.EWOULDBLOCK: "close the other program that uses it",
}


@dataclass(slots=True)
class SerialCounters:
    """What happened on the line so far."""

    bytes_in: int = 0
    bytes_out: int = 0
    opened: int = 0
    sends_dropped: int = 0


@dataclass(slots=True)
class _Line:
    """An open port. left: what of the first message in the queue is still to be written."""

    port: serial.Serial
    fd: int
    lost: asyncio.Future[str]
    empty_reads: int = 0
    queue: deque[Send] = field(default_factory=deque)
    queued_bytes: int = 0
    left: memoryview = field(default_factory=lambda: memoryview(b""))


class SerialSource:
    """One serial port as a `Source` with one link."""

    def __init__(self, link: str, path: str, baud: int) -> None:
        self.links: tuple[str, ...] = (link,)
        self.counters = SerialCounters()
        self._link, self._path, self._baud = link, path, baud
        self._line: _Line | None = None
        self._sink: Sink | None = None

    async def run(self, sink: Sink) -> None:
        """Serve the port until cancelled; see Source."""
        self._sink = sink
        pause_s, told = REOPEN_FIRST_S, ""
        while True:
            try:
                port = await asyncio.to_thread(self._open)
            except (OSError, ValueError, termios.error) as error:
                problem = f"{self._path}: cannot be opened ({_reason(error)})"
            else:
                opened_ns = monotonic_ns()
                problem, told = await self._serve(port, sink), ""
                if monotonic_ns() - opened_ns >= LIVED_MIN_NS:
                    pause_s = REOPEN_FIRST_S
            if problem != told:
                sink.link_changed(self._link, monotonic_ns(), problem)
                told = problem
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, REOPEN_MAX_S)

    def send(self, message: Send) -> None:
        """Queue bytes; see Source. A full queue drops them too: what is said too late is better not said."""
        line = self._line
        if line is None or line.queued_bytes + len(message.data) > QUEUE_MAX_BYTES:
            self.counters.sends_dropped += 1
            return
        line.queue.append(message)
        line.queued_bytes += len(message.data)
        if len(line.queue) == 1:
            line.left = memoryview(message.data)
            self._write()

    def counts(self, _link: str) -> dict[str, int]:
        """See Source."""
        return asdict(self.counters)

    def _open(self) -> serial.Serial:
        port = serial.Serial(self._path, self._baud, timeout=0, exclusive=True)
        with suppress(OSError, ValueError, termios.error, AttributeError, NotImplementedError):
            port.set_low_latency_mode(True)  # best effort: USB adapters know it, pseudo-terminals do not
        os.set_blocking(port.fileno(), False)
        return port

    async def _serve(self, port: serial.Serial, sink: Sink) -> str:
        """Read and write until the port is lost; says why."""
        loop = asyncio.get_running_loop()
        line = _Line(port, port.fileno(), loop.create_future())
        self._line = line
        self.counters.opened += 1
        sink.link_changed(self._link, monotonic_ns(), None)
        loop.add_reader(line.fd, self._read)
        try:
            return await line.lost
        finally:
            self._line = None
            self.counters.sends_dropped += len(line.queue)
            loop.remove_reader(line.fd)
            loop.remove_writer(line.fd)
            with suppress(OSError, termios.error):
                port.close()

    def _read(self) -> None:
        line, sink = self._line, self._sink
        if line is None or sink is None or line.lost.done():
            return
        try:
            data = os.read(line.fd, READ_MAX_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(line, _reason(error))
            return
        if data:
            line.empty_reads = 0
            self.counters.bytes_in += len(data)
            sink.receive(self._link, monotonic_ns(), data)
            return
        line.empty_reads += 1
        if line.empty_reads >= EMPTY_READS_MAX:
            self._lose(line, "the device is gone")

    def _write(self) -> None:
        """Write what the port takes; the rest when it takes more."""
        line, sink = self._line, self._sink
        if line is None or sink is None:
            return
        loop = asyncio.get_running_loop()
        try:
            while line.queue:
                written = os.write(line.fd, line.left)
                self.counters.bytes_out += written
                line.queued_bytes -= written
                line.left = line.left[written:]
                if not line.left:
                    sink.sent(self._link, monotonic_ns(), line.queue.popleft().seq)
                    line.left = memoryview(line.queue[0].data if line.queue else b"")
        except BlockingIOError:
            loop.add_writer(line.fd, self._write)
            return
        except OSError as error:
            self._lose(line, _reason(error))
        loop.remove_writer(line.fd)

    def _lose(self, line: _Line, reason: str) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(line.fd)
        loop.remove_writer(line.fd)
        if not line.lost.done():
            line.lost.set_result(f"{self._path}: lost ({reason}); it is opened again when it is back")


def _reason(error: BaseException) -> str:
    """The cause in the system's words, with what to do where that is known."""
    number = getattr(error, "errno", None)
    if number is None and isinstance(cause := error.__context__, termios.error):  # as pyserial wraps it
        number = cause.args[0]
    if number is None:
        return str(error.args[-1] if error.args else error)
    advice = ADVICE.get(number)
    return f"{os.strerror(number)}; {advice}" if advice else os.strerror(number)
