"""Who is lifting, told over a real broker to a whole box: answered, shown as known, forgotten, and not said on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from broker_tools import MOSQUITTO
from test_command_faults import all_up, given

from edge.lifters.files import Kept, LifterFiles

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
WHO = "0123456789abcdef0123456789abcdef"


async def test_a_box_is_told_who_is_lifting_and_to_forget_them(tmp_path: Path) -> None:
    """The id stands in the two commands and nowhere else; what contradicts itself is refused with the reason."""
    files = LifterFiles(tmp_path / "state")
    files.change(WHO, lambda _: Kept(height_m=1.9))
    async with all_up(tmp_path) as (_, subscriber, sender):
        half = await sender.give("set_lifter", given(id="l-0", lifter=WHO, thigh_m=0.45))
        assert "thigh_m without shank_m" in half["problem"]
        line = await sender.give("set_lifter", given(id="l-00", lifter=f"{WHO}"[1:] + "\n"))
        assert "lifter" in line["problem"]
        told = await sender.give("set_lifter", given(id="l-1", lifter=WHO, height_m=1.93))
        assert (told["ok"], told["command"], told["problem"]) == (True, "set_lifter", None)
        await subscriber.until(lambda: [one["lifter_known"] for one in subscriber.of("press/state")][-1:] == [True])
        gone = await sender.give("forget_lifter", given(id="f-1", lifter=WHO))
        assert (gone["ok"], gone["command"]) == (True, "forget_lifter")
        assert files.load(WHO) is None
        unknown = await sender.give("set_lifter", given(id="l-2", lifter=None))
        assert unknown["ok"]
        await subscriber.until(lambda: [one["lifter_known"] for one in subscriber.of("press/state")][-1:] == [False])
        holds_it = {got.topic.rpartition("/")[2] for got in subscriber.received if WHO in json.dumps(got.payload)}
        assert holds_it == {"set_lifter", "forget_lifter"}
