"""The serial source on pseudo-terminals: bytes as they come, a port that goes and comes back, a line that blocks."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import tty
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from edge.clock import monotonic_ns
from edge.events import Send
from edge.sources import serial as serial_source
from edge.sources.serial import LIVED_MIN_NS, QUEUE_MAX_BYTES, SerialSource

WAIT_S = 10.0


class RecordingSink:
    """Keeps what a source tells; `until` waits for a condition over it."""

    def __init__(self) -> None:
        self.data = b""
        self.stamps_ns: list[int] = []
        self.sent_seqs: list[int] = []
        self.changes: list[str | None] = []
        self._news = asyncio.Event()

    def receive(self, link: str, t_ns: int, data: bytes) -> None:
        assert link == "hub"
        self.data += data
        self.stamps_ns.append(t_ns)
        self._news.set()

    def sent(self, link: str, t_ns: int, seq: int) -> None:
        assert link == "hub"
        assert t_ns > 0
        self.sent_seqs.append(seq)
        self._news.set()

    def link_changed(self, link: str, t_ns: int, problem: str | None) -> None:
        assert link == "hub"
        assert t_ns > 0
        self.changes.append(problem)
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self._news.clear()
                await self._news.wait()


class PluggedDevice:
    """The device's end of a pseudo-terminal, reached by a path that outlives it as /dev/serial/by-id does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = -1

    def plug(self) -> None:
        self.fd, port = os.openpty()
        tty.setraw(port)
        os.set_blocking(self.fd, False)
        self.path.symlink_to(os.ttyname(port))
        self._port = port

    def unplug(self) -> None:
        self.path.unlink()
        os.close(self._port)
        os.close(self.fd)
        self.fd = -1


@pytest.fixture
def device(tmp_path: Path) -> PluggedDevice:
    """A device that is plugged in."""
    made = PluggedDevice(tmp_path / "by-id")
    made.plug()
    return made


@pytest.fixture
async def served(device: PluggedDevice) -> AsyncIterator[tuple[SerialSource, RecordingSink]]:
    """A source that serves the device, up."""
    source, sink = SerialSource("hub", str(device.path), 115_200), RecordingSink()
    task = asyncio.create_task(source.run(sink))
    await sink.until(lambda: sink.changes == [None])
    yield source, sink
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    if device.fd >= 0:
        device.unplug()


Served = tuple[SerialSource, RecordingSink]


@pytest.mark.parametrize(
    ("lived_ns", "pauses_s"),
    [(LIVED_MIN_NS - 1, [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]), (LIVED_MIN_NS, [0.2] * 7)],
)
async def test_pauses_grow_where_a_port_dies_at_once(
    monkeypatch: pytest.MonkeyPatch, lived_ns: int, pauses_s: list[float]
) -> None:
    """A port that opens and is soon lost is tried ever less often; one that lived is tried again quickly."""
    clock, paused_s = itertools.count(1, lived_ns), list[float]()

    async def pause(seconds: float) -> None:
        paused_s.append(seconds)
        if len(paused_s) == len(pauses_s):
            raise asyncio.CancelledError

    async def lose(_source: SerialSource, _port: object, _sink: object) -> str:
        return "lost"

    monkeypatch.setattr(SerialSource, "_open", lambda _source: None)
    monkeypatch.setattr(SerialSource, "_serve", lose)
    source = SerialSource("hub", "/dev/null", 115_200)
    sink = RecordingSink()
    monkeypatch.setattr(sink, "link_changed", lambda *_: None)
    monkeypatch.setattr(serial_source, "monotonic_ns", lambda: next(clock))
    monkeypatch.setattr(asyncio, "sleep", pause)
    with pytest.raises(asyncio.CancelledError):
        await source.run(sink)
    assert paused_s == pytest.approx(pauses_s)


async def test_random_bytes_arrive_whole_in_order_and_stamped(device: PluggedDevice, served: Served) -> None:
    """Whatever bytes come, in whatever pieces, the sink gets all of them, once, in order, each stamped in turn."""
    source, sink = served
    rng = random.Random(3)  # noqa: S311
    wanted = rng.randbytes(5000)
    before_ns = monotonic_ns()
    cuts = sorted({0, len(wanted), *(rng.randrange(len(wanted)) for _ in range(200))})
    for start, end in itertools.pairwise(cuts):
        os.write(device.fd, wanted[start:end])
        await sink.until(lambda end=end: len(sink.data) > end - 1000)  # type: ignore[misc]
    await sink.until(lambda: len(sink.data) == len(wanted))
    assert sink.data == wanted
    assert sink.stamps_ns == sorted(sink.stamps_ns)
    assert before_ns <= sink.stamps_ns[0] <= sink.stamps_ns[-1] <= monotonic_ns()
    assert source.counters.bytes_in == len(wanted)


async def test_bytes_to_send_leave_and_are_reported(device: PluggedDevice, served: Served) -> None:
    """What is sent reaches the device, and each message is reported with its number."""
    source, sink = served
    source.send(Send(link="hub", data=b"hello", seq=7))
    source.send(Send(link="hub", data=b"again", seq=8))
    await sink.until(lambda: sink.sent_seqs == [7, 8])
    seen = b""
    async with asyncio.timeout(WAIT_S):
        while len(seen) < 10:
            with contextlib.suppress(BlockingIOError):
                seen += os.read(device.fd, 100)
            await asyncio.sleep(0)
    assert seen == b"helloagain"
    assert source.counters.bytes_out == 10


async def test_unplugged_is_told_once_and_replugged_goes_on(device: PluggedDevice, served: Served) -> None:
    """A device that is pulled out is reported; put back, its bytes come again; nothing is raised."""
    source, sink = served
    device.unplug()
    await sink.until(lambda: len(sink.changes) >= 2)
    assert "lost" in (sink.changes[1] or "")
    source.send(Send(link="hub", data=b"into the void", seq=1))
    device.plug()
    await sink.until(lambda: sink.changes[-1] is None)
    os.write(device.fd, b"back")
    await sink.until(lambda: sink.data == b"back")
    assert source.counters.opened == 2
    assert source.counters.sends_dropped == 1
    assert sink.sent_seqs == []
    assert [change for change in sink.changes if change is not None] == list(
        dict.fromkeys(change for change in sink.changes if change is not None)
    )


async def test_device_that_is_not_there_yet(tmp_path: Path) -> None:
    """A port that does not exist is told with advice, and opened when it appears."""
    device = PluggedDevice(tmp_path / "by-id")
    source, sink = SerialSource("hub", str(device.path), 115_200), RecordingSink()
    task = asyncio.create_task(source.run(sink))
    await sink.until(lambda: bool(sink.changes))
    assert "plugged in" in (sink.changes[0] or "")
    device.plug()
    await sink.until(lambda: sink.changes[-1] is None)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    device.unplug()


async def test_port_in_use_is_told(device: PluggedDevice, served: Served) -> None:
    """A second program cannot open the port, and is told what to do."""
    assert served
    second, sink = SerialSource("hub", str(device.path), 115_200), RecordingSink()
    task = asyncio.create_task(second.run(sink))
    await sink.until(lambda: bool(sink.changes))
    assert "close the other program" in (sink.changes[0] or "")
    task.cancel()


async def test_something_that_is_no_port(tmp_path: Path) -> None:
    """A plain file is no serial port: told, not raised."""
    path = tmp_path / "file"
    path.write_text("no tty")
    source, sink = SerialSource("hub", str(path), 115_200), RecordingSink()
    task = asyncio.create_task(source.run(sink))
    await sink.until(lambda: bool(sink.changes))
    assert str(path) in (sink.changes[0] or "")
    assert not task.done()
    task.cancel()


async def test_a_line_that_takes_nothing_is_bounded(device: PluggedDevice, served: Served) -> None:
    """Messages for a device that does not read wait up to the bound; then they are dropped, counted, in order."""
    source, sink = served
    count = 0
    while source.counters.sends_dropped == 0:
        source.send(Send(link="hub", data=b"%08d" % count * 16, seq=count))
        count += 1
        assert count < 10_000
    accepted = count - 1
    assert accepted * 128 >= QUEUE_MAX_BYTES
    seen = b""
    async with asyncio.timeout(WAIT_S):
        while len(sink.sent_seqs) < accepted or len(seen) < accepted * 128:
            with contextlib.suppress(BlockingIOError):
                seen += os.read(device.fd, 65_536)
            await asyncio.sleep(0)
    assert sink.sent_seqs == list(range(accepted))
    assert seen == b"".join(b"%08d" % i * 16 for i in range(accepted))


async def test_nothing_is_sent_before_the_port_is_open(tmp_path: Path) -> None:
    """A message for a port that is not open is dropped and counted."""
    source = SerialSource("hub", str(tmp_path / "none"), 115_200)
    source.send(Send(link="hub", data=b"x", seq=1))
    assert source.counters.sends_dropped == 1
