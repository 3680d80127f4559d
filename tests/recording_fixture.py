"""A recording small enough to know by heart."""

from __future__ import annotations

import gzip
from pathlib import Path

IMU_HEADER = "t_us,host_us,ax,ay,az,gx,gy,gz"
SESSION = """format = 1
name = "small"
duration_s = 2.0
[machine]
rail_angle_deg = 45.0
backrest_angle_deg = 30.0
sled_mass_kg = 100.0
[lifter]
height_m = 1.8
[[sensors]]
role = "sled"
kind = "imu"
rate_hz = 100.0
[[sensors]]
role = "footplate"
kind = "load"
rate_hz = 80.0
"""


def imu_rows(*times: tuple[int, int]) -> str:
    """Sensor file text with one row per (t_us, host_us)."""
    return "\n".join([IMU_HEADER, *(f"{t},{host},0,0,9.81,0.1,0.2,0.3" for t, host in times)]) + "\n"


def small_recording(folder: Path) -> Path:
    """Make it: two sled batches, at 50 and 70 ms, and one footplate batch between them, at 60 ms."""
    folder.mkdir()
    (folder / "session.toml").write_text(SESSION)
    (folder / "sled.csv").write_text(imu_rows((10_000, 50_000), (20_000, 50_000), (30_000, 70_000)))
    plate = "t_us,host_us,left_heel,left_toe,right_heel,right_toe\n5,60000,1,2,3,4\n"
    (folder / "footplate.csv.gz").write_bytes(gzip.compress(plate.encode()))
    return folder
