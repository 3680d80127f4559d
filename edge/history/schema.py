"""The tables of the history. What is searched or sorted by has a column; the rest stands as it was published, as JSON.

The migrations make these tables; a test holds the two to each other. All times are UTC; `_s` are seconds of the box's
own clock, which says how events of one boot lie to each other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """A moment; goes in and comes out with its zone, though SQLite keeps none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        """In UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: object) -> datetime | None:
        """Said to be UTC."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _of_session(*, index: bool = False) -> Column[int]:
    return Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=index)


NAME = String(64)

sessions = Table(
    "sessions",
    metadata,
    _id(),
    Column("gym", NAME, nullable=False),
    Column("machine", NAME, nullable=False),
    Column("session", NAME, nullable=False),
    Column("boot", NAME, nullable=False),
    Column("box", NAME, nullable=False),
    Column("began", Utc, nullable=False, index=True),
    Column("newest", Utc, nullable=False),
    UniqueConstraint("gym", "machine", "session", "boot"),
)
"""boot: a session ends with its boot; a recording that is played again is another session of the same id."""

sets = Table(
    "sets",
    metadata,
    _id(),
    _of_session(),
    Column("number", Integer, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("at", Utc, nullable=False),
    Column("body", JSON, nullable=False),
    UniqueConstraint("session_id", "number"),
)

reps = Table(
    "reps",
    metadata,
    _id(),
    _of_session(),
    Column("message", NAME, nullable=False, unique=True),
    Column("boot", NAME, nullable=False),
    Column("number_of_set", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    Column("at", Utc, nullable=False),
    Column("body", JSON, nullable=False),
    UniqueConstraint("session_id", "boot", "number_of_set", "number", "start_s"),
)

alerts = Table(
    "alerts",
    metadata,
    _id(),
    _of_session(index=True),
    Column("message", NAME, nullable=False, unique=True),
    Column("boot", NAME, nullable=False),
    Column("number_of_set", Integer, nullable=False),
    Column("number_of_rep", Integer, nullable=False),
    Column("kind", NAME, nullable=False),
    Column("side", NAME),
    Column("severity", NAME, nullable=False),
    Column("spoken", Boolean, nullable=False),
    Column("at", Utc, nullable=False),
    Column("body", JSON, nullable=False),
)

events = Table(
    "events",
    metadata,
    _id(),
    Column("gym", NAME, nullable=False),
    Column("machine", NAME, nullable=False),
    Column("session", NAME),
    Column("message", NAME, nullable=False, unique=True),
    Column("kind", NAME, nullable=False),
    Column("at", Utc, nullable=False),
    Column("body", JSON, nullable=False),
    Index(None, "gym", "machine", "at"),
)

traces = Table(
    "traces",
    metadata,
    _id(),
    _of_session(),
    Column("boot", NAME, nullable=False),
    Column("begin_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    Column("signals", JSON, nullable=False),
    Column("limits", JSON, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index(None, "session_id", "boot", "begin_s"),
)

feedback = Table(
    "feedback",
    metadata,
    _id(),
    _of_session(),
    Column("number_of_set", Integer, nullable=False),
    Column("number_of_rep", Integer, nullable=False),
    Column("kind", NAME, nullable=False),
    Column("side", NAME, nullable=False),
    Column("was_right", Boolean, nullable=False),
    Column("at", Utc, nullable=False),
    UniqueConstraint("session_id", "number_of_set", "number_of_rep", "kind", "side"),
)

pains = Table(
    "pains",
    metadata,
    _id(),
    _of_session(index=True),
    Column("pain", NAME, nullable=False),
    Column("area", NAME),
    Column("at", Utc, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    _id(),
    _of_session(index=True),
    Column("number_of_set", Integer),
    Column("number_of_rep", Integer),
    Column("text", Text, nullable=False),
    Column("at", Utc, nullable=False),
)

boxes = Table(
    "boxes",
    metadata,
    _id(),
    Column("gym", NAME, nullable=False),
    Column("box", NAME, nullable=False),
    Column("upto", Integer, nullable=False),
    Column("outbox", NAME),
    UniqueConstraint("gym", "box"),
)
"""Up to which number of its outbox everything of a box is kept here. outbox: its id, NULL where it had not said."""
