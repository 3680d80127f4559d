"""What a lifter may say on the phone: confirm an item of the set-up check, judge a cue, answer about pain, call the
staff, say what is on the sled and who is lifting, and be forgotten.

All of it concerns the phone's own session, or the one that it waits for. What is said about pain stays in the local
history; on the shared channel goes that somebody needs assistance at this machine, and, to the box that raised it,
whether an alert was right.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, TypeAlias

import msgspec

from dashboards.asking import Outcome, Typed
from dashboards.frames import Frame, alert_id
from dashboards.machine_view import SessionRecord
from dashboards.site import Site
from dashboards.words import Words, words_of
from edge.coaching.care import Area, Care, Pain, care_for
from edge.coaching.setup_gate import Item
from edge.commands import Feedback, name_of
from edge.events import Alert
from edge.history import schema
from edge.history.received import Place


class Confirm(msgspec.Struct, frozen=True, tag_field="do", tag="confirm"):
    """An item of the set-up check is in order."""

    item: Item


class Right(msgspec.Struct, frozen=True, tag_field="do", tag="right"):
    """Whether a cue was right."""

    alert: str
    right: bool


class Hurts(msgspec.Struct, frozen=True, tag_field="do", tag="pain"):
    """Whether something hurts, and where."""

    pain: Pain
    area: Area | None = None


class Help(msgspec.Struct, frozen=True, tag_field="do", tag="help"):
    """Somebody needs assistance."""


class Load(msgspec.Struct, frozen=True, tag_field="do", tag="load"):
    """What is on the sled, and the most that can be pressed once, as they were typed."""

    load: Annotated[str, msgspec.Meta(max_length=20)]
    most: Annotated[str, msgspec.Meta(max_length=20)]


PhonesId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}$(?!\n)")]
"""As a phone draws it: nobody can guess one, and no phone gives itself out for one of those that the gym has given."""


class Me(msgspec.Struct, frozen=True, tag_field="do", tag="me"):
    """Who is lifting: somebody whom this phone remembers, or somebody unknown; lengths as they were typed. n: the
    phone's own count, which the answer has, too.
    """

    lifter: PhonesId | None
    height: Annotated[str, msgspec.Meta(max_length=20)]
    thigh: Annotated[str, msgspec.Meta(max_length=20)]
    shank: Annotated[str, msgspec.Meta(max_length=20)]
    n: int = 0


class Forget(msgspec.Struct, frozen=True, tag_field="do", tag="forget"):
    """Nothing more is to be kept of whom this phone remembers. n: as in Me."""

    lifter: PhonesId
    n: int = 0


Deed: TypeAlias = Confirm | Right | Hurts | Help | Load | Me | Forget
ForBox: TypeAlias = Load | Me | Forget
"""What a box answers, which may take seconds."""
_DEED = msgspec.json.Decoder(Deed)


async def do(site: Site, place: Place, session: str, text: str, language: str = "en") -> Frame | None:
    """Do what a phone asks for its session; what it is answered, if anything. Nonsense is passed over."""
    try:
        deed = _DEED.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return None
    view = site.hub.machines.get(place)
    if view is not None and isinstance(deed, Me | Forget):
        return await _say_who(site, place, deed, words_of(language), is_on=(view.session or "") == session)
    record = view.records.get(session) if view and session else None
    if record is None or isinstance(deed, Me | Forget):
        return None
    if isinstance(deed, Load):
        return await _set_load(site, place, record, deed, words_of(language))
    answer = await _do(site, place, record, deed)
    site.hub.tell_view(place)
    return answer


def waits_for_box(text: str) -> bool:
    """Whether what a phone asks is answered only once its box has answered, which may take seconds."""
    try:
        return isinstance(_DEED.decode(text), ForBox)
    except (msgspec.DecodeError, UnicodeError):
        return False


async def _do(site: Site, place: Place, record: SessionRecord, deed: Confirm | Right | Hurts | Help) -> Frame | None:
    match deed:
        case Confirm(item=item):
            record.confirmed.add(item)
        case Right(alert=name, right=right):
            for key in [key for key in record.alerts if alert_id(key) == name]:
                record.feedback[key] = right
                if key in record.said_as:
                    site.send(*feedback(place, record.alerts[key], record.said_as[key], right, site.utc_now()))
                which = {"number_of_set": key[0], "number_of_rep": key[1], "kind": key[2], "side": key[3] or ""}
                await site.say(place, record.id, schema.feedback, was_right=right, **which)
        case Hurts(pain=pain, area=area):
            record.pain = pain
            await site.say(place, record.id, schema.pains, pain=pain, area=area)
            return _care_frame(site, care_for(pain, area))
        case Help():
            told = site.ask_help(place)
            if told:
                site.hub.help_asked[place] = site.utc_now()
            return {"t": "help", "told": told}
    return None


async def _set_load(site: Site, place: Place, record: SessionRecord, said: Load, words: Words) -> Frame:
    """A phone whose session is over says nothing of what the next lifter has on the sled."""
    is_on = site.hub.machines[place].session == record.id
    outcome = await site.asking.set_load(place, said.load, said.most) if is_on else Outcome("over")
    return {"t": "load", "ok": outcome.said == "done", "text": words.outcome(outcome.said, outcome.why)}


async def _say_who(site: Site, place: Place, said: Me | Forget, words: Words, *, is_on: bool) -> Frame:
    """A phone speaks for its own session, or for the next one while none is on; it may be forgotten at any time."""
    if isinstance(said, Forget):
        outcome = await site.asking.forget_lifter(place, said.lifter)
    elif is_on:
        typed = Typed(said.lifter or "", said.height, said.thigh, said.shank)
        outcome = await site.asking.set_lifter(place, typed)
    else:
        outcome = Outcome("over")
    kind = "forgotten" if isinstance(said, Forget) else "me"
    return {
        "t": kind, "n": said.n, "ok": outcome.said == "done", "open": outcome.is_open, "said": outcome.command_id,
        "text": words.outcome(outcome.said, outcome.why),
    }  # fmt: skip


def feedback(place: Place, alert: Alert, message: str, right: bool, utc: datetime) -> tuple[str, bytes]:  # noqa: FBT001
    """Topic and payload of a lifter's answer about the alert of that message. Its id is the alert's: a box acts upon an
    id once, so that a second thought does not count as a second lifter.
    """
    body = {"id": f"said-{message}", "ts": utc.isoformat(), "alert": message, "kind": alert.kind, "right": right}
    return f"{place.topic}/cmd/{name_of(Feedback)}", msgspec.json.encode(body)


def _care_frame(site: Site, care: Care) -> Frame:
    """Which cards to show, and until when what holds (UTC)."""

    def until(span: timedelta | None) -> str | None:
        return None if span is None else (site.utc_now() + span).isoformat()

    return {
        "t": "care",
        "cards": care.cards,
        "ends": care.ends_session,
        "holds": care.holds_progress,
        "hold_until": until(care.hold),
        "doctor_by": until(care.see_a_doctor_after),
    }
