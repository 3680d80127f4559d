"""Who is lifting, from a phone or the coach to the box: as it was meant, for the own session, and forgotten again."""

from __future__ import annotations

import json

import pytest
from published import PLACE, box_online, changed, messages, state
from test_asking import Gym
from test_order_pages import staff

from dashboards.asking import Outcome, Typed
from dashboards.deeds import do, waits_for_box
from dashboards.frames import view_frame
from dashboards.words import LANGUAGES, words_of
from edge.commands import NOT_REMEMBERED
from edge.history.received import Place
from edge.lifters.desk import OVER

MINE = "0123456789abcdef" * 2


def me(lifter: str | None = MINE, height: str = "181", thigh: str = "", shank: str = "") -> str:
    return json.dumps({"do": "me", "lifter": lifter, "height": height, "thigh": thigh, "shank": shank})


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (Typed("k7f3", "181", "45,5", " 43 "), ("k7f3", 1.81, 0.455, 0.43)),
        (Typed("", "1.81", "0.455", "0.43"), (None, 1.81, 0.455, 0.43)),
        (Typed(" k7f3 "), ("k7f3", None, None, None)),
        (Typed("x" * 32, "120", "25", "65"), ("x" * 32, 1.2, 0.25, 0.65)),
        (Typed(), (None, None, None, None)),
    ],
)
async def test_who_it_is_reaches_the_box_as_it_was_meant(typed: Typed, said: tuple[object, ...]) -> None:
    """In centimetres or metres, with comma or point; what is empty is left to what was said before."""
    gym = Gym()
    assert await gym.site.asking.set_lifter(PLACE, typed) == Outcome("done")
    ((name, body),) = gym.asked
    assert name == "set_lifter"
    assert tuple(body[key] for key in ("lifter", "height_m", "thigh_m", "shank_m")) == said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (Typed("Jane Doe", "181"), "no_id"), (Typed("x" * 33), "no_id"), (Typed("K7F3"), "no_id"),
        (Typed("k7f3", "tall"), "no_length"), (Typed("k7f3", "119"), "no_length"), (Typed("k7f3", "231"), "no_length"),
        (Typed("k7f3", "nan"), "no_length"), (Typed("k7f3", "-181"), "no_length"),
        (Typed("k7f3", "", "24", "40"), "no_length"), (Typed("k7f3", "", "40", "66"), "no_length"),
        (Typed("k7f3", "", "40", ""), "one_length"), (Typed("k7f3", "", "", "40"), "one_length"),
    ],
)  # fmt: skip
async def test_what_is_no_lifter_is_not_sent(typed: Typed, said: str) -> None:
    """Each mistake is called by its name, in every language, and the box hears of none."""
    gym = Gym()
    assert (await gym.site.asking.set_lifter(PLACE, typed)).said == said
    assert gym.asked == []
    assert len({words_of(language).outcome(said, "") for language in LANGUAGES}) == len(LANGUAGES)


async def test_a_phone_speaks_for_its_own_session() -> None:
    """And is told what became of it; of the next one's it says nothing."""
    gym = Gym()
    told = await do(gym.site, PLACE, "s-1", me(), "de")
    ((_, asked),) = gym.asked
    assert told == {"t": "me", "n": 0, "ok": True, "open": False, "said": asked["id"], "text": "Erledigt."}
    for topic, payload in messages(state("s-2", t_s=20.0)):
        gym.arrive(topic, payload)
    for session in ("s-1", ""):
        late = await do(gym.site, PLACE, session, me())
        assert late is not None
        assert late["ok"] is False
    assert [name for name, _ in gym.asked] == ["set_lifter"]


async def test_a_phone_that_waits_speaks_for_the_session_that_begins() -> None:
    """Scanned first, straps on after: while nobody's session is on."""
    gym = Gym()
    for topic, payload in messages(state(None, t_s=20.0, state="idle")):
        gym.arrive(topic, payload)
    answer = await do(gym.site, PLACE, "", me(None))
    assert answer is not None
    assert answer["ok"]
    ((_, body),) = gym.asked
    assert (body["lifter"], body["height_m"]) == (None, 1.81)


@pytest.mark.parametrize("lifter", ["k7f3", "", MINE[1:], MINE + "0", MINE.upper(), MINE + "\n"])
async def test_a_phone_gives_itself_out_for_nobody(lifter: str) -> None:
    """An id that the gym has given is not for phones, neither to be nor to forget."""
    gym = Gym()
    assert await do(gym.site, PLACE, "s-1", me(lifter)) is None
    assert await do(gym.site, PLACE, "s-1", json.dumps({"do": "forget", "lifter": lifter})) is None
    assert gym.asked == []


async def test_a_phone_is_forgotten_at_any_time() -> None:
    """Its session may be over."""
    gym = Gym()
    forget = json.dumps({"do": "forget", "lifter": MINE})
    for session in ("s-1", "", "long-over"):
        told = await do(gym.site, PLACE, session, forget)
        assert told is not None
        assert (told["t"], told["ok"], told["text"]) == ("forgotten", True, "Done.")
    assert [(name, body["lifter"]) for name, body in gym.asked] == [("forget_lifter", MINE)] * 3
    assert waits_for_box(forget)
    assert waits_for_box(me())


async def test_an_answer_that_is_lost_is_told_as_open() -> None:
    """The box may have taken it: with the phone's count, so that it knows of what. So it may where the machine refuses,
    who is asked last; but not where the box remembers nobody, or nothing was sent.
    """
    gym = Gym()
    said = json.dumps(json.loads(me()) | {"n": 3})
    gym.problem = "not during a set"
    refused = await do(gym.site, PLACE, "s-1", said)
    gym.problem = NOT_REMEMBERED
    for_nobody = await do(gym.site, PLACE, "s-1", said)
    wrong = await do(gym.site, PLACE, "s-1", json.dumps(json.loads(me(height="tall")) | {"n": 3}))
    gym.is_deaf, gym.site.asking.answer_max_s = True, 0.01
    lost = await do(gym.site, PLACE, "s-1", said)
    for answer, is_open in ((refused, True), (for_nobody, False), (wrong, False), (lost, True)):
        assert answer is not None
        assert (answer["n"], answer["ok"], answer["open"]) == (3, False, is_open)


async def test_who_said_it_last_is_told_to_the_phone_that_did() -> None:
    """By the command that told it; another's, or another session, puts it aside, what was refused does not."""
    gym = Gym()
    view = gym.site.hub.machines[PLACE]

    def said() -> object:
        return view_frame(view, view.session, words_of("en"), is_kiosk=False)["lifter_said"]

    mine = await do(gym.site, PLACE, "s-1", me())
    assert mine is not None
    assert said() == mine["said"]
    gym.problem = "not today"
    await do(gym.site, PLACE, "s-1", me())
    assert said() == mine["said"]
    gym.problem = None
    await gym.site.asking.set_load(PLACE, "80", "")
    assert said() == mine["said"]
    await gym.site.asking.set_lifter(PLACE, Typed("k7f3"))
    assert said() not in (None, mine["said"])
    for topic, payload in messages(state("s-2", t_s=20.0)):
        gym.arrive(topic, payload)
    assert said() is None


async def test_who_said_it_before_the_session_is_told_in_it() -> None:
    """What is said while nobody is on the machine is said of the session that begins."""
    gym = Gym()
    for topic, payload in messages(state(None, t_s=20.0, state="idle")):
        gym.arrive(topic, payload)
    mine = await do(gym.site, PLACE, "", me())
    for topic, payload in messages(state("s-2", t_s=21.0)):
        gym.arrive(topic, payload)
    assert mine is not None
    assert gym.site.hub.machines[PLACE].lifter_said == mine["said"]


@pytest.mark.parametrize(
    "why",
    [
        NOT_REMEMBERED, OVER,
        "what the box keeps of lifters cannot be used (Input/output error): see to its disk, or say it without an id",
    ],
)  # fmt: skip
def test_why_nobody_is_taken_is_told_in_every_language(why: str) -> None:
    """In words for whoever stands there with a phone, not for whoever wrote the configuration."""
    told = {words_of(language).outcome("refused", why) for language in LANGUAGES}
    assert len(told) == len(LANGUAGES)
    assert not any(why in text or "remember_lifters" in text for text in told)


def test_a_disk_that_does_not_forget_is_told_in_every_language() -> None:
    """With the system's own word for what is wrong with it."""
    for language in LANGUAGES:
        text = words_of(language).outcome("refused", "cannot be deleted (Read-only file system); see to the box's disk")
        assert "Read-only file system" in text
        assert "see to the box's disk" not in text


def by_box_3(topic: str, payload: bytes) -> tuple[str, bytes]:
    """A message as another box says it."""
    return topic.replace("/box/box/", "/box/box-3/"), changed(payload, box="box-3")


async def test_every_box_of_the_gym_forgets_once() -> None:
    """One that cannot be told is said to remember still; other gyms on the broker are not asked."""
    gym, third = Gym(), Place(gym="gym", machine="press-3")
    for one in messages(state(), place=Place(gym="gym", machine="press-2")):
        gym.arrive(*one)
    for topic, payload in messages(state(), place=Place(gym="other", machine="press-1")):
        gym.arrive(topic, changed(payload, box="box-9"))
    for one in (*messages(state(), place=third), box_online()):
        gym.arrive(*by_box_3(*one))
    topics: list[str] = []

    def send(topic: str, payload: bytes) -> None:
        topics.append(topic)
        gym.hear(topic, payload)

    gym.site.asking.send = send
    assert await gym.site.asking.forget_lifter(PLACE, MINE) == Outcome("done")
    assert topics == [f"{place.topic}/cmd/forget_lifter" for place in (PLACE, third)]
    gym.arrive(*by_box_3(*box_online("offline")))
    assert await gym.site.asking.forget_lifter(PLACE, MINE) == Outcome("elsewhere")
    gym.problem = "cannot be deleted (Read-only file system); see to the box's disk"
    assert await gym.site.asking.forget_lifter(PLACE, MINE) == Outcome("refused", gym.problem)


async def test_a_coach_says_who_is_lifting_and_mends_what_was_wrong() -> None:
    """What was typed and not taken stays, apart from the weight's; what was taken is nobody else's to read."""
    gym = Gym()
    async with staff(gym, "coach") as client:
        form = {"machine": str(PLACE), "do": "set_lifter", "lifter": "k7f3", "height": "1810", "thigh": "", "shank": ""}
        wrong = (await client.post("/coach/machines", data=form)).text
        taken = (await client.post("/coach/machines", data=form | {"height": "181"})).text
    assert 'value="k7f3"' in wrong
    assert 'value="1810"' in wrong
    assert 'value="120"' in wrong, "the load stands as it is known"
    assert "120 to 230 cm" in wrong
    assert "k7f3" not in taken
    assert 'value="181"' not in taken
    assert "Done." in taken
    assert [body["lifter"] for _, body in gym.asked] == ["k7f3"]
