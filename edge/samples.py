"""What ingest hands to motion: samples of one sensor in SI units, on the node's own clock.

Arrays are float64 unless said; every array and list is read-only by agreement. Times are `int` ns of the edge's
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


class _Run:
    """A run of samples of one sensor."""

    __slots__ = ("_times", "boot", "role")

    def __init__(self, role: Role, device_us: IntArray | list[int], boot: int) -> None:
        self.role, self.boot, self._times = role, boot, device_us

    @property
    def device_us(self) -> IntArray:
        """(N,) µs."""
        return np.asarray(self._times, dtype=np.int64)

    @property
    def last_us(self) -> int:
        """Node clock of the newest sample, µs."""
        return int(self._times[-1])


class ImuSamples(_Run):
    """A run of samples of one IMU, in the sensor's own axes: arrays, or lists of plain numbers, as they came. Either is
    read as arrays by its attributes and as lists by `rows`; nothing of it is ever changed.

    device_us: (N,) node clock of each sample, µs, unwrapped, strictly rising within one boot.
    acc_m_s2: (N, 3) specific force, m/s² (+9.81 along the axis that points up, at rest).
    gyr_rad_s: (N, 3) angular rate, rad/s.
    boot: counts the node's restarts; a new value says that device_us has a new zero.
    gyro_wxyz: (4,) orientation at the first sample, integrated on the node from gyro alone at the sensor's full rate,
    where the node sends it. Its zero is arbitrary: conj(then) * now is the rotation between two runs, in the sensor's
    axes then, also across samples that were lost.
    bridged: the first so many samples were lost and are put in from what the node told of its turning.
    """

    __slots__ = ("_acc", "_gyr", "bridged", "gyro_wxyz")

    def __init__(  # noqa: PLR0913 - a record
        self,
        role: Role,
        device_us: IntArray | list[int],
        acc_m_s2: FloatArray | list[list[float]],
        gyr_rad_s: FloatArray | list[list[float]],
        boot: int = 0,
        *,
        gyro_wxyz: FloatArray | None = None,
        bridged: int = 0,
    ) -> None:
        super().__init__(role, device_us, boot)
        self.gyro_wxyz, self.bridged = gyro_wxyz, bridged
        self._acc, self._gyr = acc_m_s2, gyr_rad_s

    @property
    def acc_m_s2(self) -> FloatArray:
        """(N, 3) m/s²."""
        return np.asarray(self._acc, dtype=np.float64)

    @property
    def gyr_rad_s(self) -> FloatArray:
        """(N, 3) rad/s."""
        return np.asarray(self._gyr, dtype=np.float64)

    def __repr__(self) -> str:
        told = (self.role, *self.rows(), self.boot, self.gyro_wxyz, self.bridged)
        return f"ImuSamples{told}"

    def rows(self) -> tuple[list[int], list[list[float]], list[list[float]]]:
        """device_us, acc_m_s2 and gyr_rad_s as plain numbers."""
        return _numbers(self._times), _rows(self._acc), _rows(self._gyr)


class LoadSamples(_Run):
    """A run of samples of one load cell group, as arrays or lists, like ImuSamples.

    device_us: (N,) as in ImuSamples. force_n: (N, C) N, pushing positive; columns as in FOOTPLATE_CELLS or
    BACKPAD_CELLS, or as named in `cells` where a device has only some of them.
    """

    __slots__ = ("_forces", "cells")

    def __init__(
        self,
        role: Role,
        device_us: IntArray | list[int],
        force_n: FloatArray | list[list[float]],
        boot: int = 0,
        cells: tuple[Cell, ...] = (),
    ) -> None:
        super().__init__(role, device_us, boot)
        self.cells, self._forces = cells, force_n

    @property
    def force_n(self) -> FloatArray:
        """(N, C) N."""
        return np.asarray(self._forces, dtype=np.float64)

    def __repr__(self) -> str:
        return f"LoadSamples{(self.role, *self.rows(), self.boot, self.cells)}"

    def rows(self) -> tuple[list[int], list[list[float]]]:
        """device_us and force_n as plain numbers."""
        return _numbers(self._times), _rows(self._forces)


def _numbers(column: IntArray | list[int]) -> list[int]:
    return column if isinstance(column, list) else column.tolist()


def _rows(table: FloatArray | list[list[float]]) -> list[list[float]]:
    return table if isinstance(table, list) else table.tolist()


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
