"""How a machine's sessions developed, as the coach reads it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from example_events import REP
from published import PLACE, messages
from test_asking import Gym
from test_order_pages import staff

from edge.history.received import FromMachine, read
from edge.history.store import Store, sqlite_url


@pytest.mark.parametrize(
    ("load_kg", "shown", "drawn"),
    [(102.5, "102.5 kg", 102.5), (100.0, "100 kg", 100.0), (101.84, "101.8 kg", 101.8), (None, "–", None)],
)
async def test_a_load_is_shown_as_everywhere(
    load_kg: float | None, shown: str, drawn: float | None, tmp_path: Path
) -> None:
    """With the half kilogram that the smallest plates have, in the table and in the curve; a weighed one to 0.1 kg."""
    gym = Gym()
    gym.site.store = Store(sqlite_url(tmp_path / "history.sqlite"))
    told = [read(*one, retained=False) for one in messages(msgspec.structs.replace(REP, load_kg=load_kg))]
    gym.site.store.write([one for one in told if isinstance(one, FromMachine)])
    async with staff(gym, "coach") as client:
        page = (await client.get(f"/coach/trends/{PLACE}")).text
        figure = (await client.get(f"/coach/trends/{PLACE}/figure.json")).json()
    assert f'<td class="n">{shown}</td>' in page
    assert figure["data"][-1]["y"] == [drawn]
    gym.site.store.close()
