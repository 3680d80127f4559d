"""axe-core on a page: what shuts people out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / ".venv/axe-core/axe.min.js"
needs_axe = pytest.mark.skipif(not AXE.exists(), reason="no axe-core here: .ci/axe-core brings it")


def serious(page: Page, where: str) -> list[str]:
    """What axe-core calls serious or critical, with the place."""
    result = page.evaluate(AXE.read_text("utf-8") + "\n;axe.run({resultTypes: ['violations']})")
    return [
        f"{where}: {one['id']}: {one['help']}: {one['nodes'][0]['html'][:150]}"
        for one in result["violations"]
        if one["impact"] in ("serious", "critical")
    ]
