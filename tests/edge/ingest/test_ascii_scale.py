"""Scales that print lines: every format, what is no reading, and lines that never end."""

from __future__ import annotations

import pytest

from edge.ingest.ascii_scale import MAX_LINE, LineParser
from edge.ingest.packets import ErrorPacket, LoadPacket, MessagePacket, Packet

G = 9.80665
LB = 0.45359237 * G


def parse(*chunks: bytes, from_start: bool = True) -> list[Packet]:
    """All packets of the chunks."""
    parser = LineParser(from_start=from_start)
    return [packet for chunk in chunks for packet in parser.feed(chunk)] + parser.finish()


@pytest.mark.parametrize(
    ("line", "force_n", "time_us", "stable"),
    [
        ("S S     125.67 kg", 125.67 * G, None, True),
        ("S D     129.07 g", 0.12907 * G, None, False),
        ("S S    -100.00 g", -0.1 * G, None, True),
        ("SI D 3.5 kg", 3.5 * G, None, False),
        ("ST,GS,+  12.34kg", 12.34 * G, None, True),
        ("US,NT,-   0.50lb", -0.5 * LB, None, False),
        ("ST,+00012.34  kg", 12.34 * G, None, True),
        ("US,GS,  12.34,kg", 12.34 * G, None, False),
        ("1234,45.678,kg,26.1,0,", 45.678 * G, 1234000, None),
        ("1234,-45.6,lbs,8355808,26.1,25.9,", -45.6 * LB, 1234000, None),
        ("45.6,kg,", 45.6 * G, None, None),
        ("123456,12.5", 12.5 * G, 123456000, None),
        ("12.34", 12.34 * G, None, None),
        ("-0.5", -0.5 * G, None, None),
        ("100", 100 * G, None, None),
        ("12.5 N", 12.5, None, None),
        ("Weight: 7.5 kg", 7.5 * G, None, None),
        ("Reading: 0.4 lbs calibration_factor: -7050.00", 0.4 * LB, None, None),
        ("Reading: 83886\tWeight: 1.25\tAvgWeight: 1.24\tScale not calibrated. Press 'c'.", 1.25 * G, None, None),
        ("Load_cell output val: 0.75", 0.75 * G, None, None),
        ("reading,2.0kg,-10.00", 2 * G, None, None),
        ("one reading:\t1.5\t| average:\t1.4", 1.5 * G, None, None),
        ("S S     100.00 g", 0.1 * G, None, True),
        ("S S      0.500 mg", 0.5e-6 * G, None, True),
        ("    192.21 g", 0.19221 * G, None, None),
        ("      0.01 g ?", 0.00001 * G, None, False),
        ("    176.30 g ? 00:00:15", 0.1763 * G, None, False),
        ("+   12.34 kg", 12.34 * G, None, None),
        ("-12.5oz", -12.5 / 16 * LB, None, None),
        ("Weight: 12.5 grams", 0.0125 * G, None, None),
        ("Weight: 2 Pounds", 2 * LB, None, None),
        ("Force: -4.5 Newtons", -4.5, None, None),
        ("1.5 kN", 1500.0, None, None),
    ],
)
def test_a_line_is_a_reading(line: str, force_n: float, time_us: int | None, stable: bool | None) -> None:  # noqa: FBT001
    """The number in its unit becomes N; milliseconds and the scale's word on stability are kept where it has them."""
    (packet,) = parse(line.encode() + b"\r\n")
    assert isinstance(packet, LoadPacket)
    assert packet.force_n == [[pytest.approx(force_n, rel=1e-12)]]
    assert packet.t_device_us == (None if time_us is None else [time_us])
    assert packet.stable is stable


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("S +", "overload"),
        ("S -", "underload"),
        ("S I", "not_ready"),
        ("OL,GS,+999999kg", "overload"),
        ("Readings:", "text"),
        ("calibration_factor: -7050", "text"),
        ("Reading: 8388607", "text"),
        ("\tAvgWeight: 1.24", "text"),
        ("Minimum time between reports: 427", "text"),
        ('I4 A "1234567"', "text"),
        ("ST,TR,+  1.00kg", "text"),
        ("12,34", "text"),
        ("1.2.3", "text"),
        ("nan", "text"),
    ],
)
def test_a_line_is_no_reading(line: str, name: str) -> None:
    """Overload is said; menus, replies, tares and numbers that can be read two ways are text, never a force."""
    (packet,) = parse(line.encode() + b"\r\n")
    assert isinstance(packet, MessagePacket)
    assert packet.name == name


def test_line_ends() -> None:
    """CR, LF, both, and STX with ETX end a line; empty lines are nothing."""
    assert len(parse(b"1.0\r2.0\n3.0\r\n\r\n\x02 4.0 kg\x03\r\n")) == 4


@pytest.mark.parametrize("cut", range(1, 34))
def test_lines_cut_anywhere(cut: int) -> None:
    """Lines in two reads are the same lines."""
    stream = b"S S     125.67 kg\r\n1234,4.5,kg,\r\n"
    assert parse(stream[:cut], stream[cut:]) == parse(stream)


def test_a_last_line_without_an_end() -> None:
    """It counts where its unit or status shows that it is whole; half a number is truncated."""
    assert parse(b"S S     125.67 kg") == parse(b"S S     125.67 kg\r\n")
    assert parse(b"S +") == parse(b"S +\r\n")
    assert [type(packet) for packet in parse(b"S S     125.6")] == [ErrorPacket]
    assert [type(packet) for packet in parse(b"12.3")] == [ErrorPacket]


def test_joining_in_the_middle_of_a_line() -> None:
    """On a live line everything up to the first line's end is dropped: 5.67 of 125.67 would be a wrong weight."""
    assert parse(b"5.67 kg\r\n7.5 kg\r\n", from_start=False) == parse(b"7.5 kg\r\n")
    assert parse(b"5.67 kg", from_start=False) == []


def test_bytes_that_are_no_text() -> None:
    """They are an error that names the usual cause."""
    (packet,) = parse(b"\xff\x80\x12\n")
    assert isinstance(packet, ErrorPacket)
    assert "baud" in packet.reason


@pytest.mark.parametrize(("length", "kind"), [(MAX_LINE, MessagePacket), (MAX_LINE + 1, ErrorPacket)])
def test_long_lines(length: int, kind: type[Packet]) -> None:
    """A line over the limit is one error, however it arrives, and the next line stands."""
    line = b"x" * length + b"\n1.0\n"
    whole = parse(line)
    assert [type(packet) for packet in whole] == [kind, LoadPacket]
    assert parse(*(line[at : at + 1] for at in range(len(line)))) == whole


def test_default_unit() -> None:
    """A number without a unit is in the unit that the configuration gives."""
    assert LineParser(default_unit="lb").feed(b"10\n") == [LoadPacket([[10 * LB]])]
