"""What became of an order, as coach and operator read it on their pages."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from published import PLACE
from test_asking import Gym

from dashboards.app import make_app


@contextlib.asynccontextmanager
async def staff(gym: Gym, role: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has signed in."""
    transport = httpx.ASGITransport(app=make_app(gym.site))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://pages", headers={"origin": "http://pages"}
    ) as client:
        await client.post("/enter", data={"key": getattr(gym.site.access.keys, role), "role": role})
        yield client


@pytest.mark.parametrize(
    ("form", "about"),
    [({"do": "trust_legs"}, "Left and right are right"), ({"do": "set_load", "load": "80"}, "Weight")],
)
async def test_the_operator_reads_which_order_it_was(form: dict[str, str], about: str) -> None:
    """Its own name stands over its outcome."""
    async with staff(Gym(), "operator") as client:
        page = (await client.post("/operator", data={"machine": str(PLACE), "most": ""} | form)).text
    assert f"press-1: {about}</p>" in page
    assert "Done." in page


@pytest.mark.parametrize(("do", "typed"), [("set_load", {"load": "eighty"}), ("set_lifter", {"height": "tall"})])
async def test_what_is_wrong_stands_in_the_form_that_it_is_of(do: str, typed: dict[str, str]) -> None:
    """The weight's or the lifter's, once."""
    async with staff(Gym(), "coach") as client:
        page = (await client.post("/coach/machines", data={"machine": str(PLACE), "do": do} | typed)).text
    (form,) = (one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'value="{do}"' in one)
    assert 'role="alert">' in form
    assert page.count('class="bad" role="alert">') == 1


async def test_what_was_typed_and_not_taken_stays_to_be_mended() -> None:
    """Once it was taken, the load stands there as it is known."""
    async with staff(Gym(), "coach") as client:
        form = {"machine": str(PLACE), "do": "set_load", "load": "80", "most": "70"}
        wrong = (await client.post("/coach/machines", data=form)).text
        taken = (await client.post("/coach/machines", data=form | {"most": "90"})).text
    assert 'value="80"' in wrong
    assert 'value="70"' in wrong
    assert 'value="120"' in taken
    assert 'value="90"' not in taken
