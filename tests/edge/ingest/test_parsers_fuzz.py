"""What every parser must hold on any bytes: it never raises, keeps little, and does not care how a stream is cut."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ingest.ascii_scale import LineParser
from edge.ingest.movesense import GspParser
from edge.ingest.native_packets import BareParser, FramedParser
from edge.ingest.packets import Packet, Parser
from edge.ingest.progressor import TlvParser
from edge.ingest.witmotion import FrameParser, NotificationParser, SerialParser
from firmware_protocol import framing
from firmware_protocol import messages as m
from firmware_protocol.wire import encode

STREAMS: dict[str, Callable[[], Parser]] = {
    "witmotion": FrameParser,
    "witmotion, lookahead": lambda: FrameParser(lookahead=True),
    "witmotion-serial": SerialParser,
    "ascii": LineParser,
    "ascii, live": lambda: LineParser(from_start=False),
    "native-serial": FramedParser,
}
MESSAGES: dict[str, Callable[[], Parser]] = {
    "witmotion, notified": NotificationParser,
    "movesense": GspParser,
    "movesense, lookahead": lambda: GspParser(lookahead=True),
    "progressor": TlvParser,
    "native": BareParser,
}
INFO = m.Info(1, 0, 0, 7, 1, 1, 244, 0, bytes(8), (m.Channel(1, 1, 3, 0, 10**7, 4788403, 1065264),))
IMU = m.ImuBatch(5, 10**7, 0, 0, bytes(24), None)
PIECES = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        (b"\x55", b"\x55\x61", b"\x55\x71", b"\x55\x51", b"\r\n", b"\0", b"kg", b"S S ", b"\x02\x63", b"\x01\x08")
    ),
    st.binary(min_size=18, max_size=18).map(lambda data: b"\x55\x61" + data),
    st.binary(min_size=8, max_size=8).map(lambda d: b"\x55\x51" + d + bytes(((0x55 + 0x51 + sum(d)) & 0xFF,))),
    st.binary(min_size=8, max_size=8).map(lambda data: b"\x01\x08" + data),
    st.integers(1, 8).map(lambda n: b"\x02\x63" + struct.pack(f"<I{6 * n}f", 5, *range(6 * n))),
    st.sampled_from((b"S S     125.67 kg\r\n", b"1234,5.6,lbs,\r\n", b"ST,GS,+ 12.34kg\r\n", b"7.5\n")),
    st.sampled_from(
        (encode(INFO), encode(IMU, chan=1), framing.frame(encode(INFO)), framing.frame(encode(IMU, chan=1)))
    ),
)
PIECE_LISTS = st.lists(PIECES, max_size=12)


def run(parser: Parser, chunks: list[bytes]) -> list[Packet]:
    """All packets of the chunks and of the end."""
    return [packet for chunk in chunks for packet in parser.feed(chunk)] + parser.finish()


@pytest.mark.parametrize("name", [*STREAMS, *MESSAGES])
@settings(max_examples=200, deadline=None)
@given(chunks=PIECE_LISTS)
def test_any_bytes(name: str, chunks: list[bytes]) -> None:
    """No bytes raise, and after the end nothing is kept: what follows reads as it would alone."""
    make = (STREAMS | MESSAGES)[name]
    parser = make()
    run(parser, chunks)
    if name in MESSAGES:
        assert repr(parser.finish()) == "[]"


@pytest.mark.parametrize("name", STREAMS)
@settings(max_examples=200, deadline=None)
@given(pieces=PIECE_LISTS, data=st.data())
def test_cut_anywhere(name: str, pieces: list[bytes], data: st.DataObject) -> None:
    """A serial stream gives the same packets however it is cut."""
    stream = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert repr(run(STREAMS[name](), chunks)) == repr(run(STREAMS[name](), [stream]))


@pytest.mark.parametrize("name", [*STREAMS, *MESSAGES])
@settings(max_examples=20, deadline=None)
@given(pattern=st.binary(min_size=1, max_size=40))
def test_memory_is_bounded(name: str, pattern: bytes) -> None:
    """A flood of anything leaves less than 4 kB in the parser."""
    parser = (STREAMS | MESSAGES)[name]()
    for _ in range(400):
        parser.feed(pattern * 10)
    state = {key: value for key, value in vars(parser).items() if not key.startswith("_node")}
    assert len(pickle.dumps(state)) < 4096


@pytest.mark.parametrize("name", [*STREAMS, *MESSAGES])
@settings(max_examples=100, deadline=None)
@given(first=PIECE_LISTS, second=PIECE_LISTS)
def test_two_devices_never_touch(name: str, first: list[bytes], second: list[bytes]) -> None:
    """Two devices of a kind, their notifications in turn, give what each gives alone."""
    make = (STREAMS | MESSAGES)[name]
    one, two = make(), make()
    got_one: list[Packet] = []
    got_two: list[Packet] = []
    for at in range(max(len(first), len(second))):
        got_one += one.feed(first[at]) if at < len(first) else []
        got_two += two.feed(second[at]) if at < len(second) else []
    assert repr(got_one + one.finish()) == repr(run(make(), first))
    assert repr(got_two + two.finish()) == repr(run(make(), second))
