"""What the history is asked: sessions, sets, reps with their curves, how often cues were right, how things go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection, Row, and_, case, func, select

from edge.events import Alert, Notice, Rep, SetSummary, Sign
from edge.history import schema
from edge.history.received import Place
from edge.history.store import Store
from edge.history.traces import COLUMNS, Rows, unpack

LOOK_AROUND_S = 0.8
"""Shown before and after a rep: the knees' last straightening comes after the sled has arrived."""
LIST_MAX = 200

AlertKey = tuple[int, int, str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session in a list. id: the history's own number; reps: counted ones."""

    id: int
    place: Place
    session: str
    began: datetime
    newest: datetime
    sets: int
    reps: int
    alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepRow:
    """A rep as kept. alerts, signs: those of this rep; right: what the lifter said of each alert."""

    id: int
    session_id: int
    boot: str
    at: datetime
    rep: Rep
    alerts: tuple[Alert, ...]
    signs: tuple[Sign, ...]
    right: dict[AlertKey, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """A coach's note on a session, a set or a rep."""

    at: datetime
    set: int | None
    rep: int | None
    text: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What a box told that is no alert, and when."""

    at: datetime
    notice: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPage:
    """All of one session but its curves. notices: the oldest first."""

    row: SessionRow
    sets: dict[int, SetSummary]
    reps: tuple[RepRow, ...]
    notes: tuple[NoteRow, ...]
    notices: tuple[NoticeRow, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """t_s: on the box's clock, ascending; values: column -> a value per row, NaN where not known; limits: by signal."""

    t_s: Any
    values: dict[str, Any]
    limits: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTrend:
    """One session's figures, for how things go on. None where nothing was measured."""

    id: int
    began: datetime
    reps: int
    alerts: dict[str, int]
    load_kg: float | None
    mean_rom_m: float | None
    mean_concentric_m_s: float | None
    velocity_loss_pct: float | None


class Queries:
    """Reads a store. Each call is one look, from any thread."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine

    def sessions(self, place: Place | None = None, limit: int = LIST_MAX) -> list[SessionRow]:
        """The newest first."""
        table = schema.sessions
        wanted = select(table).order_by(table.c.newest.desc()).limit(min(limit, LIST_MAX))
        if place is not None:
            wanted = wanted.where(table.c.gym == place.gym, table.c.machine == place.machine)
        with self._engine.connect() as connection:
            return _session_rows(connection, connection.execute(wanted).all())

    def session(self, session_id: int) -> SessionPage | None:
        """One session, None where there is none of this number."""
        table = schema.sessions
        with self._engine.connect() as connection:
            found = connection.execute(select(table).where(table.c.id == session_id)).all()
            if not found:
                return None
            return SessionPage(
                row=_session_rows(connection, found)[0],
                sets=_sets(connection, session_id),
                reps=tuple(_reps(connection, schema.reps.c.session_id == session_id)),
                notes=tuple(_notes(connection, session_id)),
                notices=tuple(_notices(_events(connection, session_id, "notice"))),
            )

    def named(self, place: Place, session: str, boot: str) -> SessionPage | None:
        """The session of this id and boot on a machine."""
        table = schema.sessions
        wanted = select(table.c.id).order_by(table.c.newest.desc()).limit(1)
        wanted = wanted.where(table.c.gym == place.gym, table.c.machine == place.machine)
        wanted = wanted.where(table.c.session == session, table.c.boot == boot)
        with self._engine.connect() as connection:
            found = connection.execute(wanted).scalar_one_or_none()
        return self.session(found) if found is not None else None

    def rep(self, rep_id: int) -> RepRow | None:
        """One rep, None where there is none of this number."""
        with self._engine.connect() as connection:
            return next(iter(_reps(connection, schema.reps.c.id == rep_id)), None)

    def notices(self, place: Place, limit: int = LIST_MAX) -> list[NoticeRow]:
        """What was told of a machine, in whatever session or none, the newest first."""
        table = schema.events
        wanted = select(table.c.at, table.c.body).order_by(table.c.at.desc()).limit(min(limit, LIST_MAX))
        wanted = wanted.where(table.c.gym == place.gym, table.c.machine == place.machine)
        with self._engine.connect() as connection:
            return list(_notices(connection.execute(wanted.where(table.c.kind == "notice")).all()))

    def curves(self, row: RepRow) -> Curves | None:
        """A rep's curves; None where its stream was not kept, as when the link was down while it was lifted."""
        begin_s, end_s = row.rep.start_s - LOOK_AROUND_S, row.rep.top_s + LOOK_AROUND_S
        table = schema.traces
        where = (
            table.c.session_id == row.session_id, table.c.boot == row.boot,
            table.c.end_s >= begin_s, table.c.begin_s <= end_s,
        )  # fmt: skip
        with self._engine.connect() as connection:
            chunks = connection.execute(select(table).where(*where).order_by(table.c.begin_s)).all()
        return _cut(chunks, begin_s, end_s) if chunks else None

    def trends(self, place: Place, limit: int = LIST_MAX) -> list[SessionTrend]:
        """A machine's sessions with reps, the oldest first."""
        rows = [row for row in self.sessions(place, limit) if row.reps]
        with self._engine.connect() as connection:
            return [_trend(connection, row) for row in reversed(rows)]

    def precision(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(gym/machine, kind of fault) -> how many cues lifters called right, and how many wrong."""
        table, session = schema.feedback, schema.sessions
        right = func.sum(case((table.c.was_right, 1), else_=0))
        wanted = (
            select(session.c.gym, session.c.machine, table.c.kind, right, func.count())
            .join(session, session.c.id == table.c.session_id)
            .group_by(session.c.gym, session.c.machine, table.c.kind)
        )
        with self._engine.connect() as connection:
            found = connection.execute(wanted).all()
        return {(f"{gym}/{machine}", kind): (int(yes), int(n) - int(yes)) for gym, machine, kind, yes, n in found}


def _session_rows(connection: Connection, found: Sequence[Row[Any]]) -> list[SessionRow]:
    ids = [row.id for row in found]
    reps = _count(connection, schema.reps, ids, schema.reps.c.counted)
    alerts = _count(connection, schema.alerts, ids)
    sets = _count(connection, schema.sets, ids)
    return [
        SessionRow(
            id=row.id,
            place=Place(gym=row.gym, machine=row.machine),
            session=row.session,
            began=row.began,
            newest=row.newest,
            sets=sets[row.id],
            reps=reps[row.id],
            alerts=alerts[row.id],
        )
        for row in found
    ]


def _count(connection: Connection, table: Any, ids: list[int], *where: Any) -> Counter[int]:
    wanted = select(table.c.session_id, func.count()).where(table.c.session_id.in_(ids), *where)
    return Counter({int(key): int(n) for key, n in connection.execute(wanted.group_by(table.c.session_id)).all()})


def _sets(connection: Connection, session_id: int) -> dict[int, SetSummary]:
    table = schema.sets
    found = connection.execute(select(table.c.number, table.c.body).where(table.c.session_id == session_id)).all()
    return {number: msgspec.convert(body, SetSummary) for number, body in sorted(found, key=lambda one: one[0])}


def _reps(connection: Connection, where: Any) -> Iterable[RepRow]:
    table = schema.reps
    found = connection.execute(select(table).where(where).order_by(table.c.number_of_set, table.c.start_s)).all()
    for session_id in {row.session_id for row in found}:
        alerts = _alerts(connection, session_id)
        signs = _signs(connection, session_id)
        right = _feedback(connection, session_id)
        for row in found:
            if row.session_id == session_id:
                yield _rep_row(row, alerts, signs, right)


def _rep_row(row: Row[Any], alerts: list[tuple[str, Alert]], signs: list[Sign], right: dict[AlertKey, bool]) -> RepRow:
    rep = msgspec.convert(row.body, Rep)
    mine = tuple(a for boot, a in alerts if boot == row.boot and rep.start_s <= a.t_s <= rep.top_s + LOOK_AROUND_S)
    return RepRow(
        id=row.id,
        session_id=row.session_id,
        boot=row.boot,
        at=row.at,
        rep=rep,
        alerts=mine,
        signs=tuple(one for one in signs if (one.set, one.rep) == (rep.set, rep.rep) and one.t_s >= rep.start_s),
        right={key: value for key, value in right.items() if key[:2] in {(a.set, a.rep) for a in mine}},
    )


def _alerts(connection: Connection, session_id: int) -> list[tuple[str, Alert]]:
    table = schema.alerts
    wanted = select(table.c.boot, table.c.body).where(table.c.session_id == session_id).order_by(table.c.at)
    return [(boot, msgspec.convert(body, Alert)) for boot, body in connection.execute(wanted).all()]


def _signs(connection: Connection, session_id: int) -> list[Sign]:
    return [msgspec.convert(row.body, Sign) for row in _events(connection, session_id, "sign")]


def _notices(found: Iterable[Any]) -> Iterable[NoticeRow]:
    return (NoticeRow(row.at, msgspec.convert(row.body, Notice)) for row in found)


def _events(connection: Connection, session_id: int, kind: str) -> Sequence[Any]:
    """The events of a kind in a session: they do not name its row, but its machine, its id and when they were."""
    table, session = schema.events, schema.sessions
    named = func.coalesce(table.c.session, session.c.boot + "-" + session.c.machine)
    same = and_(
        table.c.gym == session.c.gym, table.c.machine == session.c.machine, named == session.c.session,
        table.c.at >= session.c.began, table.c.at <= session.c.newest,
    )  # fmt: skip
    wanted = select(table.c.at, table.c.body).join(session, same).where(session.c.id == session_id)
    return connection.execute(wanted.where(table.c.kind == kind).order_by(table.c.at)).all()


def _feedback(connection: Connection, session_id: int) -> dict[AlertKey, bool]:
    table = schema.feedback
    found = connection.execute(select(table).where(table.c.session_id == session_id)).all()
    return {(row.number_of_set, row.number_of_rep, row.kind, row.side or None): row.was_right for row in found}


def _notes(connection: Connection, session_id: int) -> Iterable[NoteRow]:
    table = schema.notes
    found = connection.execute(select(table).where(table.c.session_id == session_id).order_by(table.c.at)).all()
    return [NoteRow(at=r.at, set=r.number_of_set, rep=r.number_of_rep, text=r.text) for r in found]


def _cut(chunks: Sequence[Row[Any]], begin_s: float, end_s: float) -> Curves:
    """The rows between two times of some chunks, each with its own columns."""
    times, parts = [], []
    for chunk in chunks:
        rows: Rows = unpack(chunk.data, chunk.signals)
        t_s = chunk.begin_s + rows[:, 0].astype(float)
        inside = (t_s >= begin_s) & (t_s <= end_s)
        times.append(t_s[inside])
        parts.append({name: rows[inside, i].astype(float) for i, name in enumerate(chunk.signals)})
    t_s = np.concatenate(times)
    order = np.argsort(t_s, kind="stable")
    values = {
        name: np.concatenate([part.get(name, np.full(len(t), np.nan)) for t, part in zip(times, parts, strict=True)])
        for name in COLUMNS[1:]
    }
    return Curves(t_s[order], {name: column[order] for name, column in values.items()}, dict(chunks[-1].limits))


def _trend(connection: Connection, row: SessionRow) -> SessionTrend:
    reps = [one.rep for one in _reps(connection, schema.reps.c.session_id == row.id) if one.rep.counted]
    kinds: Counter[str] = Counter(alert.kind for _, alert in _alerts(connection, row.id))
    losses = [s.velocity_loss_pct for s in _sets(connection, row.id).values()]
    return SessionTrend(
        id=row.id,
        began=row.began,
        reps=len(reps),
        alerts=dict(kinds),
        load_kg=max((rep.load_kg for rep in reps if rep.load_kg is not None), default=None),
        mean_rom_m=_mean([rep.rom_m for rep in reps]),
        mean_concentric_m_s=_mean([rep.mean_concentric_m_s for rep in reps]),
        velocity_loss_pct=_mean(losses),
    )


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
