"""With SLEDGUARD_COMPILE=1 the wheel holds the inner modules compiled (edge/decisions/0009): build_backend.py says so.

Only a wheel is compiled, never a working copy: beside its source a compiled module would go on being imported after the
source has changed.
"""

from __future__ import annotations

import atexit
import os
import sys
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from setuptools import setup

INNER = {
    "edge": "links looks pipeline samples",
    "edge/motion": """bias body chain feet foot_off free_reps gate heel inclination learning leg look_back
        mount neutral pelvis phases placement plate rack rest sensors series sled sled_front strapdown
        timebase track wear""",
    "edge/detectors": "base ramp signs trigger watch",
    "edge/session": """assessment coach judges levels life orders placement_notices sensor_health sign_assessment
        signal_rows tally worn_ways""",
    "edge/ingest": """native native_access native_channels native_clock native_layout native_loads native_node
        native_requests native_sequence""",
    "firmware_protocol": "auth cobs commands framing layouts messages scaling wire",
}
"""What every sample, batch or grid step goes through. None may define a struct of msgspec: mypyc drops its options
(frozen) without a word."""
FLAGS = ["-ffp-contract=off", "-Wno-error"]
"""Compilers for ARM else fuse a product and a sum into one rounding, and results differ from Python's; and mypyc makes
errors of the warnings that it does not know yet."""
OPTIONS = ("--config-file=", "--no-site-packages", "--ignore-missing-imports", "--follow-imports=silent")
"""What else is installed must not decide what is made of the sources."""


def modules() -> list[str]:
    """The sources that are compiled."""
    return [f"{folder}/{name}.py" for folder, names in INNER.items() for name in names.split()]


def extensions(folder: str) -> list[Any]:
    """The modules as extensions; their C code goes into `folder`."""
    from mypyc.build import mypycify  # noqa: PLC0415 - there only where it was asked for

    made = mypycify([*OPTIONS, *modules()], opt_level="2", debug_level="0", target_dir=folder)
    for extension in made:
        extension.extra_compile_args = [*extension.extra_compile_args, *FLAGS]
    return made


def wheel() -> dict[str, Any]:
    """What `setup` needs to make a wheel in a folder of its own: nothing of an earlier build gets into it."""
    folder = mkdtemp(prefix="sledguard-build-")
    atexit.register(rmtree, folder, ignore_errors=True)
    compiled = {"ext_modules": extensions(folder)} if os.environ.get("SLEDGUARD_COMPILE") == "1" else {}
    return {"options": {"build": {"build_base": folder}}, **compiled}


if __name__ == "__main__":
    setup(**(wheel() if "bdist_wheel" in sys.argv else {}))
