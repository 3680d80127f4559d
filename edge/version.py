"""Which release this is, and whether it runs compiled."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec


def release() -> str:
    """The installed distribution's version; `source` where it runs from a folder that is not installed."""
    try:
        return version("sledguard")
    except PackageNotFoundError:
        return "source"


def build() -> str:
    """How the inner modules run: `compiled` or `plain Python`; they say the same."""
    found = find_spec("edge.pipeline")
    return "plain Python" if found is None or str(found.origin).endswith(".py") else "compiled"
