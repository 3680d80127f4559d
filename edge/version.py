"""Which release this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """The installed distribution's version; `source` where it runs from a folder that is not installed."""
    try:
        return version("sledguard")
    except PackageNotFoundError:
        return "source"
