"""The history's database: opened, brought up to date, written to. SQLite in a file, or PostgreSQL by its URL.

One process writes what is published. Writing the same message again changes nothing: the message's id, or what it is
about, is unique. What lifters and coaches say is written by the pages' process too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, make_url, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from edge.errors import SledguardError
from edge.events import Alert, Rep, SetSummary, Sign
from edge.history import schema
from edge.history.numbers import BoxName
from edge.history.received import FromMachine, Place, utc_of
from edge.history.traces import COLUMNS, Chunk

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Which session, and when it was told of. box and boot: empty where a person speaks of the newest with that id."""

    place: Place
    session: str
    at: datetime
    boot: str = ""
    box: str = ""


class HistoryError(SledguardError):
    """The history cannot be used; the text says what to do."""


class Store:
    """An open history, at the newest tables."""

    def __init__(self, url: str) -> None:
        """url: of SQLAlchemy, such as sqlite:////var/lib/sledguard/history.sqlite. HistoryError: not usable."""
        try:
            self.engine = _engine(url)
            with self.engine.begin() as connection:
                _migrate(connection)
        except ModuleNotFoundError as error:
            raise HistoryError(f"the history at {_shown(url)} needs a driver: pip install {error.name}") from error
        except (SQLAlchemyError, OSError) as error:
            raise HistoryError(
                f"the history at {_shown(url)} cannot be opened ({_short(error)}); check path and rights"
            ) from error
        self._known: dict[tuple[Place, str, str], int] = {}

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()

    def write(self, messages: Sequence[FromMachine], chunks: Sequence[tuple[FromMachine, Chunk]] = ()) -> None:
        """Keep all of it, durably, or none. DBAPIError: not now."""
        try:
            with self.engine.begin() as connection:
                for message in messages:
                    self._write_one(connection, message)
                for newest, chunk in chunks:
                    self._write_chunk(connection, newest, chunk)
        except DBAPIError:
            self._known.clear()  # what was begun in there is undone
            raise

    def say(self, about: About, table: Table, **values: Any) -> None:
        """Keep what a person said about a session; where there is one answer only, the newer word counts."""
        with self.engine.begin() as connection:
            row = {"session_id": self._session(connection, about), "at": about.at, **values}
            if table is schema.feedback:
                which = [table.c[name] == row[name] for name in row if name not in {"at", "was_right"}]
                connection.execute(table.delete().where(*which))
            connection.execute(insert(table).values(row))

    def complete(self) -> dict[BoxName, tuple[int, str | None]]:
        """Of each box, up to which number everything is kept, and of which outbox (None: it had not said)."""
        table = schema.boxes
        with self.engine.begin() as connection:
            return {(row.gym, row.box): (row.upto, row.outbox) for row in connection.execute(select(table))}

    def note_complete(self, box: BoxName, upto: int, outbox: str | None) -> None:
        """Everything of a box's outbox is kept up to this number. DBAPIError: not now."""
        table, (gym, name) = schema.boxes, box
        with self.engine.begin() as connection:
            _insert_new(connection, table, {"gym": gym, "box": name, "upto": upto, "outbox": outbox})
            which = table.c.gym == gym, table.c.box == name
            connection.execute(update(table).where(*which).values(upto=upto, outbox=outbox))

    def _write_one(self, connection: Connection, message: FromMachine) -> None:
        match message.event:
            case Rep() as rep:
                self._write_rep(connection, message, rep)
            case SetSummary() as summary:
                self._write_set(connection, message, summary)
            case Alert() as alert if message.durable:
                self._write_alert(connection, message, alert)
            case _ if message.durable:
                self._write_event(connection, message)

    def _write_rep(self, connection: Connection, message: FromMachine, rep: Rep) -> None:
        values = {
            "session_id": self._session(connection, _about(message)), "message": message.envelope.id,
            "boot": message.envelope.boot, "number_of_set": rep.set, "number": rep.rep, "counted": rep.counted,
            "start_s": rep.start_s, "end_s": rep.top_s, "at": utc_of(message, rep.top_s),
            "body": msgspec.to_builtins(rep),
        }  # fmt: skip
        _insert_new(connection, schema.reps, values)

    def _write_set(self, connection: Connection, message: FromMachine, summary: SetSummary) -> None:
        """The newest word on a set counts; a final one is not taken back by an older."""
        table, session_id = schema.sets, self._session(connection, _about(message))
        at = message.envelope.ts
        values = {"final": summary.final, "at": at, "body": msgspec.to_builtins(summary)}
        key = {"session_id": session_id, "number": summary.set}
        _insert_new(connection, table, key | values)
        older = [table.c.session_id == session_id, table.c.number == summary.set, table.c.at <= at]
        if not summary.final:
            older.append(table.c.final.is_(False))
        connection.execute(update(table).where(*older).values(values))

    def _write_alert(self, connection: Connection, message: FromMachine, alert: Alert) -> None:
        values = {
            "session_id": self._session(connection, _about(message)), "message": message.envelope.id,
            "boot": message.envelope.boot, "number_of_set": alert.set, "number_of_rep": alert.rep, "kind": alert.kind,
            "side": alert.side, "severity": alert.severity, "spoken": alert.spoken, "at": message.envelope.ts,
            "body": msgspec.to_builtins(alert),
        }  # fmt: skip
        _insert_new(connection, schema.alerts, values)

    def _write_event(self, connection: Connection, message: FromMachine) -> None:
        if message.event.session is not None or isinstance(message.event, Sign):  # which belongs to a rep
            self._session(connection, _about(message))
        values = {
            "gym": message.place.gym, "machine": message.place.machine, "session": message.event.session,
            "message": message.envelope.id, "kind": str(message.event.__struct_config__.tag),
            "at": message.envelope.ts, "body": msgspec.to_builtins(message.event),
        }  # fmt: skip
        _insert_new(connection, schema.events, values)

    def _write_chunk(self, connection: Connection, newest: FromMachine, chunk: Chunk) -> None:
        """newest: the last message of the chunk's session."""
        values = {
            "session_id": self._session(connection, _about(newest)), "boot": chunk.boot, "begin_s": chunk.begin_s,
            "end_s": chunk.end_s, "signals": list(COLUMNS), "limits": chunk.limits, "data": chunk.packed(),
        }  # fmt: skip
        connection.execute(insert(schema.traces).values(values))

    def _session(self, connection: Connection, about: About) -> int:
        """The session's row, begun if need be, and its times moved on."""
        table, at = schema.sessions, about.at
        session_id = self._find(connection, about)
        if session_id is None:
            values = {
                "gym": about.place.gym, "machine": about.place.machine, "session": about.session,
                "boot": about.boot, "box": about.box, "began": at, "newest": at,
            }  # fmt: skip
            connection.execute(insert(table).values(values))
            session_id = self._find(connection, about)
            assert session_id is not None  # noqa: S101 - it was written in this transaction
        elif about.boot:
            connection.execute(update(table).where(table.c.id == session_id, table.c.newest < at).values(newest=at))
            connection.execute(update(table).where(table.c.id == session_id, table.c.began > at).values(began=at))
        return session_id

    def _find(self, connection: Connection, about: About) -> int | None:
        key = (about.place, about.session, about.boot)
        if key in self._known:
            return self._known[key]
        table, place = schema.sessions, about.place
        wanted = select(table.c.id).order_by(table.c.newest.desc()).limit(1)
        wanted = wanted.where(
            table.c.gym == place.gym, table.c.machine == place.machine, table.c.session == about.session
        )
        if about.boot:
            wanted = wanted.where(table.c.boot == about.boot)
        found = connection.execute(wanted).scalar_one_or_none()
        if found is not None and about.boot:
            self._known[key] = found
        return found


def _about(message: FromMachine) -> About:
    told = message.envelope
    return About(place=message.place, session=message.session, at=told.ts, boot=told.boot, box=told.box)


def sqlite_url(path: Path) -> str:
    """The URL of a file."""
    return f"sqlite:///{path.resolve()}"


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _set_up(connection: Any, _record: object) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
                connection.execute(f"PRAGMA {pragma}")

    return engine


def _migrate(connection: Connection) -> None:
    """Bring the tables to where this release has them."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert, unless it is there already."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(make(table).values(values).on_conflict_do_nothing())


def _shown(url: str) -> str:
    """The URL without a password in it."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "this URL"


def _short(error: Exception) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0]
