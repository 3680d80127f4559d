"""What the pages are told: at once, in their own language, about their own session, and never what is not now."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from example_events import ACTIVE, ALERT, NOTICE, REP, SENSOR, SET, SIGN
from published import PLACE, box_online, changed, live, messages, state

from dashboards.cue import READ_NS, SHOWN_MAX_NS
from dashboards.hub import Hub
from dashboards.machine_view import SILENT_NS
from dashboards.render import number
from dashboards.words import words_of
from edge.events import AnyEvent, Notice, Sign
from edge.history.queries import NoticeRow, RepRow, SessionPage, SessionRow
from edge.history.received import Place
from edge.history.subscription import Arrival


class Page:
    """A page that keeps what it is put."""

    def __init__(self, kind: Any = "phone", session: str = "s-1", language: str = "en", place: Place = PLACE) -> None:
        self.kind, self.session, self.language, self.place = kind, session, language, place
        self.frames: list[dict[str, Any]] = []

    def put(self, text: str, slot: str | None = None) -> None:
        self.frames.append(json.loads(text))

    def session_began(self, session: str) -> None:
        self.session = self.session or session

    def last(self, kind: str) -> dict[str, Any]:
        return [frame for frame in self.frames if frame["t"] == kind][-1]

    def count(self, kind: str) -> int:
        return sum(frame["t"] == kind for frame in self.frames)


class Feed:
    """A hub with a clock of our own and a broker that is us."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.hub = Hub(lambda: self.now_ns)
        self.hub.broker_changed(None)
        self.arrive(*box_online())

    def arrive(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        self.hub.arrive(Arrival(topic, payload, retained, lambda: None))

    def say(self, event: AnyEvent, *, retained: bool = False, late_s: float = 0.0) -> None:
        for topic, payload in messages(event, late_s):
            self.arrive(topic, payload, retained=retained)

    def open(self, page: Page) -> Page:
        self.hub.join(page)
        return page


def of_session(event: AnyEvent, session: str = "s-1") -> AnyEvent:
    return msgspec.structs.replace(event, session=session)


@pytest.fixture
def feed() -> Feed:
    feed = Feed()
    feed.say(state())
    feed.say(live())
    return feed


def test_an_older_word_on_a_set_takes_nothing_back(feed: Feed) -> None:
    """What waited for the broker comes after what is newer, and is not the set's last word."""
    feed.say(state(t_s=1.0))
    for t_s, reps in ((9.0, 8), (7.0, 6)):
        feed.say(of_session(msgspec.structs.replace(SET, t_s=t_s, reps=reps)))
    view = feed.hub.machines[PLACE]
    assert view.records["s-1"].sets[SET.set].reps == 8


def test_a_page_is_told_everything_as_it_opens(feed: Feed) -> None:
    """Count, what is not judged, and the cue that is on."""
    feed.say(of_session(REP))
    feed.say(of_session(ALERT))
    page = feed.open(Page())
    assert page.last("view")["reps"] == 1
    assert page.last("view")["bars"][0]["faults"] == ["left heel lifting"]
    assert page.last("cue")["kind"] == "heel_lift"
    assert page.last("beat")["signal"] == "ok"


def test_a_cue_goes_out_with_its_message_and_comes_down_with_its_fault(feed: Feed) -> None:
    """In the language of each page; gone for all when the fault is over and it could be read."""
    english, german = feed.open(Page()), feed.open(Page(kind="kiosk", language="de"))
    alert = msgspec.structs.replace(ALERT, session="s-1", cue="Shoes flat on plate.", t_s=10.2)
    feed.say(alert)
    assert english.last("cue")["text"] == "Shoes flat on plate."
    assert german.last("cue")["text"] == words_of("de").known("cue", "Shoes flat on plate.") != "Shoes flat on plate."
    assert german.last("cue")["side_text"] == "LINKS"
    feed.say(msgspec.structs.replace(ACTIVE, session="s-1", t_s=11.0, active=()))
    feed.now_ns += READ_NS
    feed.hub.step()
    assert english.count("cue_over") == german.count("cue_over") == 1


@pytest.mark.parametrize("why", ["late", "retained", "durable", "old"])
def test_a_stale_alert_is_no_cue(feed: Feed, why: str) -> None:
    """Late by its own word, retained, only in the history, or older than what we have seen since: never on a screen."""
    page = feed.open(Page())
    alert = msgspec.structs.replace(ALERT, session="s-1", t_s=10.1)
    if why == "old":
        feed.say(live(t_s=12.2))
    if why == "durable":
        feed.arrive(*messages(alert)[1])
    else:
        feed.say(alert, retained=why == "retained", late_s=6.0 if why == "late" else 0.0)
    assert page.count("cue") == 0


def sign(**changes: Any) -> Sign:
    return msgspec.structs.replace(SIGN, **{"session": "s-1", "t_s": 10.1} | changes)


def test_a_spoken_sign_is_a_cue_and_goes_by_itself(feed: Feed) -> None:
    """Each page in its language; no level ends it, its time does."""
    phone, kiosk = feed.open(Page()), feed.open(Page(kind="kiosk", language="de"))
    feed.say(sign(kind="stop_hit", severity="S2", cue="Stay off the stops."))
    assert (phone.last("cue")["text"], phone.last("cue")["what"]) == ("Stay off the stops.", "ran into the stops")
    assert (kiosk.last("cue")["text"], kiosk.last("cue")["kind"]) == ("Nicht an den Anschlag.", "stop_hit")
    assert not phone.last("cue")["gentle"]
    feed.say(msgspec.structs.replace(ACTIVE, session="s-1", t_s=11.0, active=()))
    feed.now_ns += SHOWN_MAX_NS - 1
    feed.hub.step()
    assert phone.count("cue_over") == 0
    feed.now_ns += 1
    feed.hub.step()
    assert phone.count("cue_over") == kiosk.count("cue_over") == 1


@pytest.mark.parametrize("why", ["late", "retained", "old", "silent"])
def test_a_stale_or_silent_sign_is_no_cue(feed: Feed, why: str) -> None:
    """The same rules as for an alert; it is in the summary all the same."""
    page = feed.open(Page())
    if why == "old":
        feed.say(live(t_s=12.2))
    feed.say(sign(spoken=why != "silent"), retained=why == "retained", late_s=6.0 if why == "late" else 0.0)
    feed.say(of_session(REP))
    assert page.count("cue") == 0
    assert [one["text"] for one in page.last("view")["signs"]] == ["Rep 3: too deep"]


def test_signs_are_named_in_their_rep_and_their_set(feed: Feed) -> None:
    """Once each, whatever comes twice; what is for the log alone stays out; a rep with a cue is no clean one."""
    page = feed.open(Page(language="es"))
    feed.say(msgspec.structs.replace(REP, session="s-1", faults=()))
    feed.say(of_session(SET))
    assert page.last("view")["summary"]["clean"] == 1
    for kind in ("deep", "deep", "snap"):
        feed.say(sign(kind=kind, side="left" if kind == "snap" else None))
    feed.say(sign(kind="shallow", severity="S0", spoken=False, cue=""))
    view = page.last("view")
    assert [one["text"] for one in view["signs"]] == [
        "Repetición 3: demasiado profundo",
        "Repetición 3: rodilla estirada de golpe (izquierda)",
    ]
    assert view["bars"][0]["signs"] == ["demasiado profundo", "rodilla estirada de golpe (izquierda)"]
    assert view["summary"]["clean"] == 0


def test_a_phone_sees_its_own_session_and_nothing_of_the_next(feed: Feed) -> None:
    """Reps, cues, live and doings of the session after it stay out; the kiosk goes on."""
    mine, kiosk = feed.open(Page()), feed.open(Page(kind="kiosk"))
    feed.say(state("s-2", t_s=20.0))
    for _ in range(8):
        feed.say(live(t_s=20.5, session="s-2"))
    feed.say(msgspec.structs.replace(ALERT, session="s-2", t_s=20.6))
    feed.say(msgspec.structs.replace(REP, session="s-2"))
    assert mine.last("view")["ended"]
    assert mine.last("view")["reps"] == 0
    assert mine.count("cue") == mine.count("live") == 0
    assert kiosk.last("view")["reps"] == 1
    assert kiosk.count("cue") == 1
    assert kiosk.count("live") == 8


def test_a_phone_that_waits_gets_the_session_that_begins() -> None:
    """It is told nothing of a session before its own."""
    feed = Feed()
    page = feed.open(Page(session=""))
    assert page.last("view")["activity"] == "unknown"
    feed.say(state("s-9"))
    assert page.session == "s-9"
    assert page.last("view")["activity"] == "lifting"


def test_no_signal_says_where_the_link_is_cut(feed: Feed) -> None:
    """Stream, box, broker: each has its word, told with the next beat or at once, and all is well again after."""
    page = feed.open(Page())
    feed.now_ns += SILENT_NS + 1
    for _ in range(4):
        feed.hub.step()
    assert page.last("beat")["signal"] == "machine"
    feed.arrive(*box_online("offline"))
    assert page.last("beat")["signal"] == "box"
    feed.hub.broker_changed("gone")
    assert page.last("beat")["signal"] == "broker"
    feed.hub.broker_changed(None)
    feed.arrive(*box_online())
    feed.say(live())
    for _ in range(4):
        feed.hub.step()
    assert page.last("beat")["signal"] == "ok"


def test_nobody_on_the_machine_is_no_loss_of_signal() -> None:
    """Live comes in sessions alone: idle and silent is well."""
    feed = Feed()
    feed.say(state(None, state="idle"))
    feed.now_ns += 10 * SILENT_NS
    view = feed.hub.machines[PLACE]
    assert feed.hub.signal_of(view) == "ok"


def test_losing_the_broker_takes_a_cue_down(feed: Feed) -> None:
    """What can no longer be told to be over is not left standing."""
    page = feed.open(Page())
    feed.say(msgspec.structs.replace(ALERT, session="s-1", t_s=10.1))
    feed.hub.broker_changed("gone")
    assert page.frames[-2]["t"] == "cue_over"
    assert page.frames[-1] == {"t": "beat", "signal": "broker"}


def test_what_is_not_judged_is_told_with_its_reason(feed: Feed) -> None:
    """Never left out: not seen is not fine."""
    page = feed.open(Page(kind="kiosk"))
    feed.say(state(not_assessed={"lumbar": "no pelvis sensor"}, assessed=()))
    assert page.last("view")["blind"] == [{"what": "pelvis tucking under", "why": "no pelvis sensor"}]
    assert page.last("view")["unseen"] == ["lumbar"]


def test_what_sensors_ask_of_the_lifter_is_told_in_the_language_of_the_page(feed: Feed) -> None:
    """On kiosk and phone of this session, not for what came late or was of another one, until it is over."""
    kiosk, phone, other = (
        feed.open(Page(kind="kiosk", language="de")),
        feed.open(Page()),
        feed.open(Page(session="s-2")),
    )
    feed.say(of_session(NOTICE), late_s=6.0)
    feed.say(of_session(NOTICE, "s-0"))
    assert phone.last("view")["told"] == []
    feed.say(of_session(NOTICE))
    assert kiosk.last("view")["told"] == [
        "Sensor linker Unterschenkel verrutscht: Gurt vor dem nächsten Satz nachziehen."
    ]
    assert phone.last("view")["told"] == ["The left shank sensor has moved: tighten its strap before the next set."]
    assert other.last("view")["told"] == []
    feed.say(state(set=2))
    assert kiosk.last("view")["told"] == phone.last("view")["told"] == []


def test_a_phone_gets_a_quarter_of_the_live_stream(feed: Feed) -> None:
    """5 of 20 a second; the kiosk gets all."""
    phone, kiosk = feed.open(Page()), feed.open(Page(kind="kiosk"))
    for i in range(20):
        feed.say(live(t_s=10.0 + i / 20))
    assert (phone.count("live"), kiosk.count("live")) == (5, 20)


def test_the_same_view_is_not_told_twice(feed: Feed) -> None:
    """A message that changes nothing that a page shows costs no phone anything."""
    page = feed.open(Page())
    before = page.count("view")
    feed.say(of_session(SENSOR))
    assert page.count("view") == before


def test_the_set_up_check_follows_the_body() -> None:
    """Measured items change as the lifter moves, though no message but live comes."""
    feed = Feed()
    feed.say(state(state="setup", set=0))
    feed.say(live(left_knee_flexion_deg=70.0))
    page = feed.open(Page())
    assert {"item": "knees", "verdict": "fix"}.items() <= page.last("view")["checks"][0].items()
    feed.say(live(left_knee_flexion_deg=92.0))
    for _ in range(4):
        feed.hub.step()
    assert page.last("view")["checks"][0]["verdict"] == "pass"


def test_a_summary_tells_only_what_is_known(feed: Feed) -> None:
    """A figure that is not known is left out, not shown as 0."""
    feed.say(state(state="resting"))
    feed.say(of_session(REP))
    page = feed.open(Page())
    feed.say(msgspec.structs.replace(SET, session="s-1", volume_kg=None, left_share=None))
    names = [name for name, _ in page.last("view")["summary"]["facts"]]
    assert "load" in names
    assert "volume" not in names
    assert "left foot's share" not in names


def test_a_weight_is_told_with_its_half_kilograms(feed: Feed) -> None:
    """As it was put on the sled, in the set and after it."""
    page = feed.open(Page())
    for load_kg, told in ((82.5, "82.5 kg"), (120.0, "120 kg"), (0.0, "0 kg")):
        feed.say(state(load_kg=load_kg))
        feed.say(of_session(msgspec.structs.replace(SET, load_kg=load_kg, t_s=SET.t_s + load_kg)))
        assert page.last("view")["load"] == told
    assert ["load", "120 kg"] in page.last("view")["summary"]["facts"]


def test_what_rounds_to_nothing_has_no_sign() -> None:
    """In a table, too."""
    assert [number(value) for value in (-0.4, 0.4, -0.6, None)] == ["0", "0", "-1", "–"]


def test_damaged_messages_are_counted_and_survived(feed: Feed) -> None:
    """A megabyte and half a message change nothing."""
    page = feed.open(Page())
    told = len(page.frames)
    for payload in (b"x" * 1_000_000, b"{", b'{"type":"rep"}'):
        feed.arrive(f"{PLACE.topic}/rep", payload)
    assert feed.hub.unreadable == 3
    assert len(page.frames) == told


def test_who_is_forgotten_at_the_broker_is_seen_no_more(feed: Feed) -> None:
    """A machine with its state, a box with its status; other empty messages mean nothing, and are no damage."""
    feed.arrive(f"{PLACE.topic}/set", b"")
    assert PLACE in feed.hub.machines
    feed.arrive(f"{PLACE.topic}/state", b"")
    feed.arrive(box_online()[0], b"")
    assert feed.hub.machines == {}
    assert feed.hub.boxes == {}
    assert feed.hub.unreadable == 0
    feed.say(state())
    assert PLACE in feed.hub.machines


def test_a_page_that_left_is_told_nothing(feed: Feed) -> None:
    """Closed is closed."""
    page = feed.open(Page())
    feed.hub.leave(page)
    told = len(page.frames)
    feed.say(of_session(REP))
    assert len(page.frames) == told
    assert feed.hub.count("s-1") == 0


def test_a_recording_played_again_begins_anew(feed: Feed) -> None:
    """The same session id of another boot is another session: its count begins at none."""
    feed.say(of_session(REP))
    page = feed.open(Page())
    assert page.last("view")["reps"] == 1
    for event in (state(None, state="idle"), state()):
        for topic, payload in messages(event):
            feed.arrive(topic, changed(payload, boot="b-2"))
    assert page.last("view")["reps"] == 0


def past_of(*told: Notice, sets: tuple[int, ...] = ()) -> SessionPage:
    """What the history has of the session: these notices, and a rep of each of these sets, at 100 s times that."""
    at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    reps = [msgspec.structs.replace(REP, session="s-1", set=n, start_s=100.0 * n) for n in sets]
    rows = [RepRow(id=1, session_id=1, boot="b-1", at=at, rep=rep, alerts=(), signs=(), right={}) for rep in reps]
    row = SessionRow(id=1, place=PLACE, session="s-1", began=at, newest=at, sets=0, reps=0, alerts=0)
    notices = tuple(NoticeRow(at, one) for one in told)
    return SessionPage(row=row, sets={}, reps=tuple(rows), notes=(), notices=notices)


@pytest.mark.parametrize(
    ("sets", "now", "problem", "left"),
    [
        ((1,), ("resting", 1), "taken off", ["strap_off", "sensor_moved"]),
        ((1,), ("lifting", 1), "taken off", ["strap_off", "sensor_moved"]),
        ((1,), ("lifting", 2), "taken off", ["strap_off"]),
        ((1, 2), ("resting", 2), "taken off", ["strap_off"]),
        ((1,), ("resting", 1), None, ["sensor_moved"]),
    ],
)
def test_pages_that_begin_in_a_session_know_what_its_sensors_ask(
    feed: Feed, sets: tuple[int, ...], now: tuple[Any, int], problem: str | None, left: list[str]
) -> None:
    """From the history, but for what a later set, its own taking back, or its sensor since has ended."""
    feed.say(state(t_s=300.0, state=now[0], set=now[1]))
    feed.say(msgspec.structs.replace(SENSOR, session="s-1", role="right_thigh", t_s=300.0, problem=problem))
    moved = msgspec.structs.replace(NOTICE, session="s-1", what="sensor_moved", role="left_shank", t_s=150.0)
    undone = msgspec.structs.replace(moved, role="pelvis", t_s=140.0)
    off = msgspec.structs.replace(moved, what="strap_off", role="right_thigh", t_s=160.0)
    past = past_of(undone, msgspec.structs.replace(undone, severity="S0", t_s=145.0), moved, off, sets=sets)
    page = feed.open(Page())
    for _ in range(2):
        feed.hub.recall(PLACE, "s-1", past)
        assert [one.what for one in feed.hub.machines[PLACE].records["s-1"].asked.now] == left
    assert len(page.last("view")["told"]) == len(left)
