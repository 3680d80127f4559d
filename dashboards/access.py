"""Who may see what. Pure but for the file of keys: the time is given.

A phone needs no account: standing at the machine is what entitles it. The kiosk shows a join ticket as a QR code, good
for a minute and a half, and six digits for those who type. Either is exchanged for a session ticket, which shows one
session and nothing else and ends with it. Tickets are signed, so they outlive a restart of this process and none need
be kept. Coach, operator and kiosk have keys; the first two are exchanged for a staff ticket that lives in a cookie.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from edge.errors import ConfigError
from edge.history.received import Place

Kind = Literal["session", "staff"]
Role = Literal["coach", "operator"]

JOIN_S = 90
"""A QR code stands for a minute; half a minute is for the phone to open the page."""
CODE_S = 60
"""A code is taken in the minute in which it is shown and in the next."""
WAITING_S = 900
"""A phone may join before its session begins, so long: straps on, weight loaded."""
SESSION_S = 4 * 3600
"""No ticket lives longer than the longest visit; the session's end ends it sooner."""
AFTER_S = 600
"""A lifter may look at the summary and answer about pain so long after the session's end."""
STAFF_S = 12 * 3600
"""A day's work; then the key again."""
JOIN_SIGN = 12
"""Bytes of signature in a join ticket: 96 bits, far beyond what can be tried in the minute that it is good for."""
TICKET_MAX = 400
"""Characters; ours have some 120."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What is signed. place: gym/machine; about: session (empty: the next one to begin) or role; ends: UTC, s."""

    kind: Kind
    place: str
    about: str
    ends: int
    nonce: str


class Keys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of one installation. secret: signs the tickets."""

    secret: str
    kiosk: str
    coach: str
    operator: str


@dataclass(frozen=True, slots=True)
class Access:
    """Gives out tickets and reads them. now_s: UTC, s, everywhere."""

    keys: Keys

    def ticket(self, kind: Kind, place: str, about: str, ends_s: float) -> str:
        """A signed ticket as text that may stand in an address."""
        ticket = Ticket(kind=kind, place=place, about=about, ends=int(ends_s), nonce=secrets.token_urlsafe(6))
        body = msgspec.json.encode(ticket)
        return f"{_text(body)}.{_text(self._sign(body))}"

    def read(self, kind: Kind, text: object, now_s: float) -> Ticket | None:
        """The ticket, if it is ours, of this kind and not over; None for everything else, without a reason."""
        if not isinstance(text, str) or len(text) > TICKET_MAX or text.count(".") != 1:
            return None
        body, signature = (_bytes(part) for part in text.split("."))
        if not hmac.compare_digest(signature, self._sign(body)):
            return None
        try:
            ticket = msgspec.json.decode(body, type=Ticket)
        except msgspec.DecodeError:  # signed by a release that had other tickets
            return None
        return ticket if ticket.kind == kind and now_s < ticket.ends else None

    def join_ticket(self, place: Place, ends_s: float) -> str:
        """What lets a phone in at this machine; short, since a coarse QR code is read from further away."""
        ends = int(ends_s).to_bytes(5, "big")
        return _text(ends + self._sign(b"join " + str(place).encode() + ends)[:JOIN_SIGN])

    def is_join_ticket(self, place: Place, text: object, now_s: float) -> bool:
        """Whether it is ours, for this machine, and not over."""
        data = _bytes(text) if isinstance(text, str) and len(text) <= TICKET_MAX else b""
        ends, signature = data[:5], data[5:]
        right = self._sign(b"join " + str(place).encode() + ends)[:JOIN_SIGN]
        return hmac.compare_digest(signature, right) and now_s < int.from_bytes(ends, "big")

    def code(self, place: Place, now_s: float) -> str:
        """The six digits that the machine's screen shows now."""
        return self._code(place, int(now_s // CODE_S))

    def is_code(self, place: Place, code: object, now_s: float) -> bool:
        """Whether these are the digits of this minute or the last."""
        window = int(now_s // CODE_S)
        return isinstance(code, str) and any(same(code, self._code(place, window - back)) for back in (0, 1))

    def role_of(self, key: str) -> Role | None:
        """Whose key this is."""
        if same(key, self.keys.coach):
            return "coach"
        return "operator" if same(key, self.keys.operator) else None

    def is_kiosk(self, key: object) -> bool:
        """Whether this is the kiosks' key."""
        return isinstance(key, str) and same(key, self.keys.kiosk)

    def _code(self, place: Place, window: int) -> str:
        digest = self._sign(f"code {place} {window}".encode())
        return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"

    def _sign(self, body: bytes) -> bytes:
        return hmac.new(self.keys.secret.encode(), body, hashlib.sha256).digest()[:20]


def same(one: str, other: str) -> bool:
    """Whether two texts are the same, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def new_keys() -> Keys:
    """Keys like no others, 128 bits each."""
    return Keys(
        secret=secrets.token_urlsafe(32),
        kiosk=secrets.token_urlsafe(16),
        coach=secrets.token_urlsafe(16),
        operator=secrets.token_urlsafe(16),
    )


def keys_in(path: Path) -> Keys:
    """The keys in this file; made, for the owner alone to read, where there is none. ConfigError: it is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Keys)
    except FileNotFoundError:
        keys = new_keys()
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(keys)) + b"\n")
        except OSError as error:
            raise ConfigError(f"{path}: cannot be written ({error.strerror}); name another folder") from error
        return keys
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{path}: no usable keys ({error}); remove it to have new ones made") from error


def _bytes(text: str) -> bytes:
    """What was written as text; empty where it never was."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
