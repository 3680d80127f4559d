"""The bought sensors that are known, by the name that a configuration gives."""

from __future__ import annotations

import math
from typing import Final

from edge.errors import ConfigError
from edge.ingest import ascii_scale, movesense, progressor, witmotion
from edge.ingest.capability import IMU_USES, LOAD_CELL_USES, Capability
from edge.ingest.device_clock import PacketClock, SampleClock
from edge.ingest.driver import Command, Driver, DriverSpec, Gatt
from edge.ingest.packets import STANDARD_GRAVITY_M_S2
from edge.samples import Cell, Role

_U32_US: Final = 2**32  # a u32 of microseconds wraps after 71.6 min
_U32_MS_US: Final = 2**32 * 1000  # a u32 of milliseconds wraps after 49.7 days
_WITMOTION_RANGE: Final = (
    witmotion.ACC_RANGE_G * STANDARD_GRAVITY_M_S2,
    math.radians(witmotion.GYR_RANGE_DPS),
)


def _witmotion_start(rate_hz: float) -> tuple[Command, ...]:
    return Command(witmotion.UNLOCK), Command(witmotion.set_rate(rate_hz))


def _witmotion_serial_start(rate_hz: float) -> tuple[Command, ...]:
    """Acceleration and angular rate alone: 22 bytes a sample, 100 Hz fit into 115200 baud (not into 9600)."""
    return Command(witmotion.UNLOCK), Command(witmotion.ACC_AND_GYR_ONLY), Command(witmotion.set_rate(rate_hz))


def _movesense_start(rate_hz: float) -> tuple[Command, ...]:
    return (Command(movesense.subscribe(rate_hz), "command_result"),)


def _progressor_start(_rate_hz: float) -> tuple[Command, ...]:
    """It has one rate. Taring is not among them: with a foot on the plate it would hide the load."""
    return (
        Command(progressor.FIRMWARE, "firmware"),
        Command(progressor.BATTERY, "battery_mv"),
        Command(progressor.START),
    )


def _nothing(_rate_hz: float) -> tuple[Command, ...]:
    return ()


_WITMOTION: Final = DriverSpec(
    name="witmotion",
    parser=witmotion.NotificationParser,
    start=_witmotion_start,
    gatt=Gatt(witmotion.SERVICE_UUID, witmotion.NOTIFY_UUID, witmotion.WRITE_UUID),
    baud=115200,
    imu_range=_WITMOTION_RANGE,
    capability=Capability(
        kind="imu",
        rate_hz=100.0,
        max_rate_hz=200.0,
        clock="regressed",
        counter=False,
        checksum=False,
        delay_ms=0.0,
        serves=IMU_USES,
        limits="no time, counter or checksum: times and losses are inferred from arrivals",
    ),
)
_WITMOTION_SERIAL: Final = DriverSpec(
    name="witmotion-serial",
    parser=witmotion.SerialParser,
    start=_witmotion_serial_start,
    baud=115200,
    imu_range=_WITMOTION_RANGE,
    capability=Capability(
        kind="imu",
        rate_hz=100.0,
        max_rate_hz=200.0,
        clock="regressed",
        counter=False,
        checksum=True,
        delay_ms=0.0,
        serves=IMU_USES,
        limits="no time, no counter; leaves the factory at 9600 baud and 10 Hz: set it to 115200 first",
    ),
)
_MOVESENSE: Final = DriverSpec(
    name="movesense",
    parser=movesense.GspParser,
    start=_movesense_start,
    clock=lambda rate_hz: PacketClock(_U32_MS_US, rate_hz),
    gatt=Gatt(movesense.SERVICE_UUID, movesense.NOTIFY_UUID, movesense.WRITE_UUID),
    capability=Capability(
        kind="imu",
        rate_hz=104.0,
        max_rate_hz=208.0,
        clock="device",
        counter=False,
        checksum=False,
        delay_ms=1000 / movesense.PACKETS_PER_S,
        serves=IMU_USES,
        limits="packets of 77 ms: alerts come that much later; streaming wears its coin cell",
    ),
)
_PROGRESSOR: Final = DriverSpec(
    name="progressor",
    parser=progressor.TlvParser,
    start=_progressor_start,
    clock=lambda _rate_hz: SampleClock(_U32_US),
    gatt=Gatt(progressor.SERVICE_UUID, progressor.NOTIFY_UUID, progressor.WRITE_UUID),
    capability=Capability(
        kind="load",
        rate_hz=80.0,
        max_rate_hz=80.0,
        clock="device",
        counter=False,
        checksum=False,
        delay_ms=12.5,
        serves=LOAD_CELL_USES,
        limits="one cell each: a heel lift needs four, heel and toe of each foot; the vendor's own is made for 150 kg",
    ),
)
_ASCII: Final = DriverSpec(
    name="ascii",
    parser=lambda: ascii_scale.LineParser(from_start=False),
    start=_nothing,
    clock=lambda _rate_hz: SampleClock(_U32_MS_US),
    baud=9600,
    capability=Capability(
        kind="load",
        rate_hz=10.0,
        max_rate_hz=80.0,
        clock="regressed",
        counter=False,
        checksum=False,
        delay_ms=500.0,
        serves=frozenset(("load",)),
        limits="averages before it prints: the load and the volume of a set, never an alert, at any rate",
    ),
)
DRIVERS: Final = {spec.name: spec for spec in (_WITMOTION, _WITMOTION_SERIAL, _MOVESENSE, _PROGRESSOR, _ASCII)}


def new_driver(
    name: str, role: Role, *, rate_hz: float | None = None, cells: tuple[Cell, ...] = (), sign: int = 1
) -> Driver:
    """A driver for one device. Raises ConfigError where no driver has this name or the device cannot do the rate."""
    spec = DRIVERS.get(name)
    if spec is None:
        raise ConfigError(f"there is no sensor driver {name!r}; there are: {', '.join(DRIVERS)}")
    if rate_hz is not None and not 0 < rate_hz <= spec.capability.max_rate_hz:
        raise ConfigError(f"{name}: {rate_hz:g} samples/s: it does at most {spec.capability.max_rate_hz:g}")
    return Driver(spec, role, rate_hz=rate_hz, cells=cells, sign=sign)
