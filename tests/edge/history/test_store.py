"""The history: opened at the newest tables, each message kept once, read back as it was said."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from example_events import ALERT, EVERY, NOTICE, REP, SET, SIGN, STATE
from published import PLACE, live, messages
from sqlalchemy import inspect, text

from edge.events import AnyEvent
from edge.history import schema
from edge.history.queries import Queries
from edge.history.received import FromMachine, Place, read
from edge.history.store import About, HistoryError, Store, sqlite_url
from edge.history.traces import Tracer


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(sqlite_url(tmp_path / "history.sqlite"))


def said(*events: AnyEvent, tag: str = "") -> list[FromMachine]:
    """All messages of these events, each with an id of its own."""
    out = []
    for i, event in enumerate(events):
        for topic, payload in messages(event):
            body = msgspec.json.decode(payload) | {"id": f"{tag}{i}-{topic}"[:64]}
            message = read(topic, msgspec.json.encode(body), retained=False)
            assert isinstance(message, FromMachine)
            out.append(message)
    return out


def rows(store: Store, table: str) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608


def test_the_migrations_make_the_tables_that_the_code_has(store: Store) -> None:
    """Neither a table nor a column nor a limit is missing or left over."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        different = [d for d in compare_metadata(context, schema.metadata) if "alembic_version" not in str(d)]
        assert different == []
        assert inspect(connection).has_table("traces")


def test_an_older_history_is_brought_up_to_date_and_kept(tmp_path: Path) -> None:
    """Opening again keeps what is there."""
    url = sqlite_url(tmp_path / "history.sqlite")
    first = Store(url)
    first.write(said(REP))
    first.close()
    assert rows(Store(url), "reps") == 1


def test_a_history_that_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    """A folder that is not there, and a file that is no database."""
    with pytest.raises(HistoryError, match="cannot be opened"):
        Store(sqlite_url(tmp_path / "none" / "history.sqlite"))
    (tmp_path / "other").write_text("this is no database, but text of some length " * 50)
    with pytest.raises(HistoryError, match="cannot be opened"):
        Store(sqlite_url(tmp_path / "other"))


def test_every_message_three_times_and_shuffled_is_kept_once(store: Store) -> None:
    """Rows = distinct messages, whatever the order and the batches."""
    reps = [msgspec.structs.replace(REP, rep=i, start_s=60.0 + 5 * i, t_s=64.0 + 5 * i) for i in range(20)]
    thrice = said(*reps, ALERT, NOTICE) * 3
    random.Random(7).shuffle(thrice)  # noqa: S311
    for i in range(0, len(thrice), 11):
        store.write(thrice[i : i + 11])
    assert rows(store, "reps") == 20
    assert rows(store, "alerts") == 1
    assert rows(store, "events") == 1
    assert rows(store, "sessions") == 1


def test_what_is_read_is_what_was_said(store: Store) -> None:
    """Rep, set and alert come back whole, the alert with its rep."""
    store.write(said(*EVERY, msgspec.structs.replace(ALERT, t_s=61.3, onset_s=61.1)))
    (row,) = Queries(store).sessions()
    page = Queries(store).session(row.id)
    assert page is not None
    assert page.sets == {1: SET}
    (rep,) = page.reps
    assert rep.rep == REP
    assert [(a.kind, a.side) for a in rep.alerts] == [("heel_lift", "left")] * 2
    assert (row.sets, row.reps, row.alerts) == (1, 1, 2)
    assert row.place == PLACE
    assert row.began.tzinfo is not None


def test_only_the_durable_copy_of_an_alert_is_kept(store: Store) -> None:
    """The live one comes beside it, and would count it twice."""
    live_copy, durable = said(ALERT)
    assert durable.durable
    store.write([live_copy])
    assert rows(store, "alerts") == 0
    store.write([durable])
    assert rows(store, "alerts") == 1


def test_a_final_summary_is_not_taken_back(store: Store) -> None:
    """An older summary that comes late changes nothing; a newer one does."""
    running = msgspec.structs.replace(SET, final=False, reps=3, t_s=60.0)
    store.write(said(running, tag="a"))
    store.write(said(SET, tag="b"))
    store.write(said(running, tag="c"))
    page = Queries(store).session(1)
    assert page is not None
    assert page.sets[1] == SET


@pytest.mark.parametrize("session", ["s-7f3a", None])
def test_a_rep_has_its_signs_and_no_other(store: Store, session: str | None) -> None:
    """Those of its own set and number, from its beginning on, in a session or in none."""
    mine, other, before = (
        msgspec.structs.replace(SIGN, session=session, rep=rep, t_s=t_s)
        for rep, t_s in ((3, 61.7), (2, 61.6), (3, 50.0))
    )
    store.write(
        said(*(msgspec.structs.replace(one, session=session) for one in (STATE, REP, SET)), mine, other, before)
    )
    queries = Queries(store)
    (row,) = next(page.reps for one in queries.sessions() if (page := queries.session(one.id)) and page.reps)
    assert row.signs == (mine,)


def test_two_machines_and_two_boots_do_not_mix(store: Store) -> None:
    """The same session id on another machine or of another boot, as when a recording is played again, is another."""
    store.write(said(REP))
    topic, payload = messages(REP)[0]
    again = read(topic, msgspec.json.encode(msgspec.json.decode(payload) | {"id": "y", "boot": "b-2"}), retained=False)
    assert isinstance(again, FromMachine)
    store.write([again])
    assert [row.reps for row in Queries(store).sessions(PLACE)] == [1, 1]
    for topic, payload in messages(REP, place=Place(gym="gym", machine="press-2")):
        other = read(topic, msgspec.json.encode(msgspec.json.decode(payload) | {"id": "x"}), retained=False)
        assert isinstance(other, FromMachine)
        store.write([other])
    assert rows(store, "sessions") == 3
    assert len(Queries(store).sessions(PLACE)) == 2


def test_a_rep_without_a_session_belongs_to_its_boot(store: Store) -> None:
    """Where no straps were worn there is no session, and the reps are kept all the same."""
    store.write(said(msgspec.structs.replace(REP, session=None)))
    (row,) = Queries(store).sessions()
    assert row.session == "b-1-press-1"


def test_a_batch_is_kept_whole_or_not_at_all(store: Store) -> None:
    """A message that breaks in the middle leaves nothing of its batch behind, and nothing is remembered of it."""
    good = said(REP)[0]
    broken = said(msgspec.structs.replace(SET, session="s-2"))[0]
    object.__setattr__(broken, "place", Place(gym="gym", machine=None))  # type: ignore[arg-type]
    with pytest.raises(Exception, match="NOT NULL"):
        store.write([good, broken])
    assert rows(store, "sessions") == 0
    store.write([good])
    assert rows(store, "reps") == 1


def test_the_curves_of_a_rep_are_cut_from_the_stream(store: Store) -> None:
    """As many rows as the stream had in its time, with the limits that held; none where there was no stream."""
    tracer = Tracer(limits={"left_knee_flexion_deg": 6.0})
    lives = [live(t_s=55.0 + i / 20, session="s-7f3a", left_knee_flexion_deg=float(i)) for i in range(200)]
    newest = said(REP)[0]
    chunks = [c for one in lives if (c := tracer.take("s-7f3a", "b-1", one))]
    last = tracer.finish()
    store.write(said(REP), [(newest, c) for c in [*chunks, last] if c])
    queries = Queries(store)
    row = queries.rep(1)
    assert row is not None
    curves = queries.curves(row)
    assert curves is not None
    assert len(chunks) == 2
    assert curves.t_s[0] == pytest.approx(REP.start_s - 0.8, abs=0.06)
    assert curves.t_s[-1] == pytest.approx(REP.top_s + 0.8, abs=0.06)
    assert all(curves.t_s[1:] > curves.t_s[:-1])
    wanted = (curves.t_s - 55.0) * 20
    assert curves.values["left_knee_flexion_deg"] == pytest.approx(wanted, abs=0.01)
    assert curves.limits == {"left_knee_flexion_deg": 6.0}
    store.write(said(msgspec.structs.replace(REP, start_s=900.0, top_s=903.0, t_s=904.0, rep=9), tag="later"))
    later = queries.rep(2)
    assert later is not None
    assert queries.curves(later) is None


def test_a_history_of_an_earlier_release_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was complete stays so; of which outbox it was is not known yet."""
    upgrade = command.upgrade
    url = sqlite_url(tmp_path / "old.sqlite")
    with monkeypatch.context() as earlier:
        earlier.setattr(command, "upgrade", lambda config, _head: upgrade(config, "0001"))
        old = Store(url)
    with old.engine.begin() as connection:
        connection.execute(text("INSERT INTO boxes (gym, box, upto) VALUES ('gym', 'box', 7)"))
    old.close()
    assert Store(url).complete() == {("gym", "box"): (7, None)}


def test_what_people_say_is_kept_and_counted(store: Store) -> None:
    """Right or wrong once per alert, the newer word counts; precision is of those that were judged."""
    store.write(said(REP, ALERT))
    about = About(place=PLACE, session="s-7f3a", at=datetime(2026, 1, 1, tzinfo=UTC))
    key = {"number_of_set": 1, "number_of_rep": 3, "kind": "heel_lift", "side": "left"}
    store.say(about, schema.feedback, was_right=True, **key)
    store.say(about, schema.feedback, was_right=False, **key)
    store.say(about, schema.notes, text="turns round too late", number_of_rep=3)
    page = Queries(store).session(1)
    assert page is not None
    assert page.reps[0].right == {(1, 3, "heel_lift", "left"): False}
    assert page.notes[0].text == "turns round too late"
    assert Queries(store).precision() == {("gym/press-1", "heel_lift"): (0, 1)}


def test_trends_are_of_sessions_with_reps_the_oldest_first(store: Store) -> None:
    """Means of counted reps; what was not measured is None."""
    second = msgspec.structs.replace(REP, session="s-2", rom_m=None, start_s=500.0, t_s=505.0, top_s=504.0)
    store.write(said(REP, ALERT, STATE, msgspec.structs.replace(STATE, session="s-3", t_s=62.0)))
    store.write(said(second, tag="b"))
    first, later = Queries(store).trends(PLACE)
    assert (first.reps, first.mean_rom_m, first.alerts) == (1, REP.rom_m, {"heel_lift": 1})
    assert later.mean_rom_m is None


def test_there_is_no_session_of_a_number_that_is_none(store: Store) -> None:
    """None, for the page to say so."""
    assert Queries(store).session(99) is None
    assert Queries(store).rep(99) is None
