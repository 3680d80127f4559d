"""With SLEDGUARD_COMPILE=1 the wheel holds the inner modules compiled (edge/decisions/0009); else nothing is done here.

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

MYPYC = "mypy>=1.13"
INNER = {
    "edge": "links pipeline samples",
    "edge/motion": """body feet gate heel inclination leg look_back mount neutral pelvis phases placement plate rack
        rest sensors series sled sled_front strapdown timebase track wear free_reps first_top learning chain bias
        press_by_legs""",
    "edge/detectors": "base ramp signs trigger watch",
    "edge/session": """assessment coach levels life orders placement_notices sensor_health sign_assessment signal_rows
        tally worn_ways""",
    "edge/ingest": """native native_access native_channels native_clock native_layout native_loads native_node
        native_requests native_sequence""",
    "firmware_protocol": "auth cobs commands framing layouts messages scaling wire",
}
"""What every sample, batch or grid step goes through. None may define a struct of msgspec: mypyc drops its options
(frozen) without a word."""
SAME_FLOATS = "-ffp-contract=off"
"""Compilers for ARM else fuse a product and a sum into one rounding, and results differ from Python's."""


def modules() -> list[str]:
    """The sources that are compiled."""
    return [f"{folder}/{name}.py" for folder, names in INNER.items() for name in names.split()]


def compiled() -> dict[str, Any]:
    """What `setup` needs to compile them, in a folder of its own: nothing of an earlier build gets into the wheel."""
    from mypyc.build import mypycify  # noqa: PLC0415 - there only where it was asked for

    folder = mkdtemp(prefix="sledguard-build-")
    atexit.register(rmtree, folder, ignore_errors=True)
    options = ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent"]
    extensions = mypycify([*options, *modules()], opt_level="2", debug_level="0", target_dir=folder)
    for extension in extensions:
        extension.extra_compile_args.append(SAME_FLOATS)
    return {"ext_modules": extensions, "options": {"build": {"build_base": folder}}}


if __name__ == "__main__":
    wanted = os.environ.get("SLEDGUARD_COMPILE") == "1"
    making = wanted and "bdist_wheel" in sys.argv
    setup(setup_requires=[MYPYC] if wanted else [], **(compiled() if making else {}))
