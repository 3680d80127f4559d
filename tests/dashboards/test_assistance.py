"""The word that somebody asks for assistance, as it goes out."""

from __future__ import annotations

from datetime import UTC, datetime

from contract_check import payload_faults

from dashboards.server import assistance
from edge.history.received import Place
from edge.publishers.contract import kind_of


def test_it_is_as_the_contract_says() -> None:
    """Topic and payload are those of the published schema, and nothing in it says who asks or why."""
    topic, payload = assistance(Place(gym="g", machine="m"), datetime(2026, 1, 31, 12, tzinfo=UTC))
    kind = kind_of(topic)
    assert kind is not None
    assert kind.name == "assistance"
    assert payload_faults("assistance", payload) == []
    assert payload_faults("assistance", payload.replace(b"}", b',"why":"x"}')) != []
