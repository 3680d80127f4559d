"""What the tester found: one finding for each check."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["PASS", "WARN", "FAIL", "SKIP"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check. section: of PROTOCOL.md; values: what was measured, with units in the names."""

    check: str
    section: str
    verdict: Verdict
    text: str
    values: dict[str, float | int | str] = field(default_factory=dict)


class Findings:
    """Collects findings; the worst of several about one check stands."""

    _RANK = ("SKIP", "PASS", "WARN", "FAIL")

    def __init__(self) -> None:
        self._by_check: dict[str, Finding] = {}

    def add(self, finding: Finding) -> None:
        """Adds a finding, unless a worse one about the same check is there."""
        known = self._by_check.get(finding.check)
        if known is None or self._RANK.index(finding.verdict) > self._RANK.index(known.verdict):
            self._by_check[finding.check] = finding

    def all(self) -> list[Finding]:
        """All findings, in the order in which their checks first spoke."""
        return list(self._by_check.values())

    def count(self, verdict: Verdict) -> int:
        """How many checks ended so."""
        return sum(finding.verdict == verdict for finding in self._by_check.values())

    @property
    def passed(self) -> bool:
        """Whether the node conforms: nothing failed, and something was checked."""
        return self.count("FAIL") == 0 and self.count("PASS") > 0
