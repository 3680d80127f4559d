"""`sledguard decode`: one JSON object per message, strict JSON, and exit code 1 for whatever is wrong."""

from __future__ import annotations

import json
import math
import struct

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from edge.decode import PARSERS, decode, decode_command, parse_hex

app = typer.Typer()
app.command()(decode_command)

WIT = "55 61 00 00 00 00 00 08 00 40 00 00 00 00 00 00 00 00 00 00"
PROGRESSOR = "01 08 00 00 80 40 7c 15 00 00"
INFO = (
    "10020030040001000100 1807f6e5d4c3b2a1 00030201 ff010000 f400 0000 0001020304050607 "
    "01010300 80969800 b3104900 30411000"
)
IMU_ONE = "1011010e0800 0100 00000000 0008 6400 9cff ff7f"


def run(*arguments: str) -> tuple[int, list[dict[str, object]]]:
    """Exit code and objects of the command, read as strict JSON."""

    def refuse(name: str) -> float:
        raise AssertionError(f"{name} is no JSON")

    result = CliRunner().invoke(app, arguments)
    return result.exit_code, [json.loads(line, parse_constant=refuse) for line in result.stdout.splitlines()]


def test_an_imu_sample() -> None:
    """SI units, one row per sample, null for the time that this sensor has not."""
    code, (imu,) = run("witmotion", WIT)
    assert code == 0
    assert imu == {
        "kind": "imu",
        "acc_m_s2": [[0.0, 0.0, 9.80665]],
        "gyr_rad_s": [[math.radians(1000), 0.0, 0.0]],
        "t_device_us": None,
    }


def test_a_load_sample() -> None:
    """N, one row per sample, the device's µs, null for what the device does not say."""
    code, (load,) = run("progressor", PROGRESSOR)
    assert code == 0
    assert load == {"kind": "load", "force_n": [[4 * 9.80665]], "t_device_us": [5500], "stable": None}


def test_a_reading_that_is_no_number_is_null() -> None:
    """NaN is no JSON."""
    code, (load,) = run("progressor", (b"\x01\x08" + struct.pack("<fI", math.nan, 7)).hex())
    assert code == 0
    assert load["force_n"] == [[None]]


@pytest.mark.parametrize("split", range(1, 19))
def test_a_packet_over_two_arguments(split: int) -> None:
    """The arguments are consecutive notifications: a packet may be cut between two, and two may share one."""
    digits = WIT.replace(" ", "")
    assert run("witmotion", digits[: 2 * split], digits[2 * split :] + digits) == run("witmotion", digits, digits)


def test_native_needs_its_info() -> None:
    """With INFO before it a bare message decodes; without, it is an error and exit code 1."""
    code, (info, imu) = run("native", INFO, IMU_ONE)
    assert code == 0
    assert info["kind"] == "message"
    assert imu["acc_m_s2"] == [[0.0, 0.0, pytest.approx(9.806649, abs=1e-6)]]
    assert imu["t_device_us"] == [100]
    code, (error,) = run("native", IMU_ONE)
    assert code == 1
    assert error["kind"] == "error"


@pytest.mark.parametrize(
    ("driver", "hexes"),
    [
        ("witmotion", [WIT[:30]]),
        ("witmotion", ["00 11 22", WIT]),
        ("witmotion-serial", ["55 51 00 00 00 00 00 08 c4 09 7a"]),
        ("movesense", ["03 63 00 00"]),
        ("movesense", ["02 63 00 00 00 00 00 00"]),
        ("progressor", ["01 09 00 00 80 40 7c 15 00 00 00"]),
        ("progressor", [PROGRESSOR[:-3]]),
        ("ascii", ["ff fe 0a"]),
        ("native", ["20 00 00 00 00 00"]),
        ("native-serial", ["03 10 02 00"]),
        ("nonesuch", ["00"]),
        ("witmotion", ["5x"]),
        ("witmotion", ["551"]),
        ("witmotion", [""]),
    ],
)
def test_whatever_is_wrong_is_an_error(driver: str, hexes: list[str]) -> None:
    """It is an object of kind error with a reason, and exit code 1."""
    code, objects = run(driver, *hexes)
    assert code == 1
    assert any(found["kind"] == "error" and found["reason"] for found in objects)


@pytest.mark.parametrize(
    "text",
    ["5561", "55 61", "55:61", "55-61", "0x5561", "0x55 0x61", "0x55,0x61", "0X55,0X61", "\\x55\\x61", " 55\n61 "],
)
def test_ways_to_write_hex(text: str) -> None:
    """People and tools write bytes in many ways."""
    assert parse_hex(text) == b"\x55\x61"
    assert parse_hex(text.upper()) == b"\x55\x61"


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=100, deadline=None)
@given(notifications=st.lists(st.one_of(st.binary(max_size=60).map(bytes.hex), st.text(max_size=10)), max_size=5))
def test_any_arguments(name: str, notifications: list[str]) -> None:
    """Nothing raises, and all that comes out is strict JSON of a known kind."""
    for found in decode(name, notifications):
        json.dumps(found, allow_nan=False)
        assert found["kind"] in ("imu", "load", "message", "error")
