"""What ingest hands to motion: samples of one sensor in SI units, on the node's own clock.

Arrays are float64 unless said; every array is read-only by agreement. Times are `int` ns of the edge's
monotonic clock wherever a name ends in `_ns`, and µs of the node's own clock where it says `_device_us`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

Role = Literal["sled", "pelvis", "left_thigh", "left_shank", "right_thigh", "right_shank", "footplate", "backpad"]
IMU_ROLES: tuple[Role, ...] = ("sled", "pelvis", "left_thigh", "left_shank", "right_thigh", "right_shank")
LOAD_ROLES: tuple[Role, ...] = ("footplate", "backpad")
Cell = Literal["left_heel", "left_toe", "right_heel", "right_toe", "left", "right", "plate", "lumbar", "sacral"]
FOOTPLATE_CELLS: tuple[Cell, ...] = ("left_heel", "left_toe", "right_heel", "right_toe")
BACKPAD_CELLS: tuple[Cell, ...] = ("lumbar", "sacral")
CELL_GROUPS: tuple[tuple[Role, tuple[Cell, ...]], ...] = (
    ("footplate", FOOTPLATE_CELLS),
    ("footplate", ("left", "right")),
    ("footplate", ("plate",)),
    ("backpad", BACKPAD_CELLS),
)
"""Which cells that are devices of their own make what; until one of these is whole, nothing is made of them."""
CELL_ROLES: dict[str, Role] = {cell: role for role, cells in CELL_GROUPS for cell in cells}


@dataclass(frozen=True, slots=True)
class ImuSamples:
    """A run of samples of one IMU, in the sensor's own axes.

    device_us: (N,) node clock of each sample, µs, unwrapped, strictly rising within one boot.
    acc_m_s2: (N, 3) specific force, m/s² (+9.81 along the axis that points up, at rest).
    gyr_rad_s: (N, 3) angular rate, rad/s.
    boot: counts the node's restarts; a new value says that device_us has a new zero.
    gyro_wxyz: (4,) orientation at the first sample, integrated on the node from gyro alone at the sensor's full rate,
    where the node sends it. Its zero is arbitrary: conj(then) * now is the rotation between two runs, in the sensor's
    axes then, also across samples that were lost.
    bridged: the first so many samples were lost and are put in from what the node told of its turning.
    """

    role: Role
    device_us: IntArray
    acc_m_s2: FloatArray
    gyr_rad_s: FloatArray
    boot: int = 0
    gyro_wxyz: FloatArray | None = None
    bridged: int = 0


@dataclass(frozen=True, slots=True)
class LoadSamples:
    """A run of samples of one load cell group.

    device_us: (N,) as in ImuSamples. force_n: (N, C) N, pushing positive; columns as in FOOTPLATE_CELLS or
    BACKPAD_CELLS, or as named in `cells` where a device has only some of them.
    """

    role: Role
    device_us: IntArray
    force_n: FloatArray
    boot: int = 0
    cells: tuple[Cell, ...] = ()


Samples: TypeAlias = ImuSamples | LoadSamples


@dataclass(frozen=True, slots=True)
class TimeExchange:
    """One two-way time exchange with a node: asked, received on its clock, held, answered.

    The node's clock read `rx_device_us` somewhere between `sent_ns` and `received_ns - hold_us`.
    """

    role: Role
    sent_ns: int
    rx_device_us: int
    hold_us: int
    received_ns: int
    boot: int = 0
