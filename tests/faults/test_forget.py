"""`sledguard forget`: what a broker keeps of a machine or a box that is gone, and nothing else, is cleared."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec
import pytest
from broker_tools import HOST, MOSQUITTO, WAIT_S, free_port
from example_events import EVERY
from paho.mqtt.enums import MQTTProtocolVersion
from published import PLACE, box_online, messages
from role_tools import RoleClient, password_of, role_broker

from edge.errors import SledguardError
from edge.history.received import Place
from edge.publishers.embedded_broker import EmbeddedBroker
from edge.publishers.home_assistant import discovery
from edge.publishers.messages import MachineMessages
from edge.publishers.retained import of_box, of_machine

OTHER = Place(gym="gym", machine="press-2")
V311 = MQTTProtocolVersion.MQTTv311
needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


def kept_of(place: Place) -> list[tuple[str, bytes]]:
    """What a broker keeps of a machine, with a word of each kind on each of its topics, and its discovery."""
    retained = {
        m.topic for event in EVERY for m in MachineMessages(place.gym, place.machine).of(event) if m.route.retain
    }
    told = [one for event in EVERY for one in messages(event, place=place) if one[0] in retained]
    found = discovery(place.gym, "box", place.machine, place.topic, "component")
    return told + [(message.topic, msgspec.json.encode(message.body)) for message in found]


async def forgets(*arguments: str) -> tuple[int, str]:
    """The command's exit code and all that it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge.cli", "forget", *arguments),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), WAIT_S)
    return process.returncode or 0, out.decode()


async def left(port: int, role: str) -> set[str]:
    """The topics on which a broker keeps anything."""
    client = RoleClient(port, role, V311)
    try:
        await client.subscribe(("#",))
        await client.say("that was all", ("end/of/it",))
        await client.until("that was all", {"end/of/it"})
        return {topic for topic, _ in client.heard} - {"end/of/it"}
    finally:
        client.client.disconnect()
        client.client.loop_stop()


async def tell(port: int, role: str, kept: list[tuple[str, bytes]]) -> None:
    """Have a broker keep all this."""
    client = RoleClient(port, role, V311)
    for told in [client.client.publish(topic, payload, 1, retain=True) for topic, payload in kept]:
        await asyncio.to_thread(told.wait_for_publish, WAIT_S)
    client.client.disconnect()
    client.client.loop_stop()


def test_every_topic_that_is_kept_is_known() -> None:
    """Of all that a machine says, whatever is retained; a name that is none is refused."""
    topics = of_machine(PLACE.gym, PLACE.machine)
    assert {topic for topic, _ in kept_of(PLACE)} <= set(topics)
    assert len(topics) == len(set(topics))
    device = discovery(PLACE.gym, "box", PLACE.machine, PLACE.topic, "device")
    assert {message.topic for message in device} <= set(topics)
    for wrong in ("#", "+", "Press", ""):
        with pytest.raises(SledguardError, match="cannot stand in an MQTT topic"):
            of_machine("gym", wrong)
        with pytest.raises(SledguardError, match="cannot stand in an MQTT topic"):
            of_box(wrong, "box")


@needs_mosquitto
async def test_what_is_gone_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    """One machine of two, and its box; the other's words stay, to the last. With the box's own login."""
    others = kept_of(OTHER)
    async with role_broker(tmp_path) as port:
        await tell(port, "all", [*kept_of(PLACE), *others, box_online("offline")])
        assert await left(port, "all") >= {topic for topic, _ in kept_of(PLACE)}
        code, said = await forgets(str(PLACE), "--box", "gym/box", "--config", str(config(tmp_path, port, "box")))
        assert (code, said) == (0, f"{PLACE}, gym/box: {HOST}:{port} keeps nothing of it any more\n")
        assert await left(port, "all") == {topic for topic, _ in others}


@needs_mosquitto
async def test_what_is_still_there_is_not_forgotten(tmp_path: Path) -> None:
    """With the box's own login, which may hear what tells it; by force it is."""
    kept = [*kept_of(PLACE), box_online()]
    async with role_broker(tmp_path) as port:
        await tell(port, "all", kept)
        named = (str(PLACE), "--box", "gym/box", "--config", str(config(tmp_path, port, "box")))
        code, said = await forgets(*named)
        assert code == 1
        assert f"{PLACE} is watched by box: take it out" in said
        assert "gym/box is online: stop it first" in said
        assert await left(port, "all") == {topic for topic, _ in kept}
        code, said = await forgets(*named, "--force")
        assert (code, await left(port, "all")) == (0, set())


@needs_mosquitto
async def test_a_login_that_may_not_is_told_so(tmp_path: Path) -> None:
    """The pages' login may not write what only boxes may: nothing is cleared, and it does not look as if it were."""
    async with role_broker(tmp_path) as port:
        await tell(port, "all", kept_of(PLACE))
        code, said = await forgets(str(PLACE), "--force", "--config", str(config(tmp_path, port, "dashboards")))
        assert code == 1
        assert "this login may not write" in said
        assert await left(port, "all") == {topic for topic, _ in kept_of(PLACE)}


def config(folder: Path, port: int, role: str, more: str = "") -> Path:
    """A configuration with this role's login."""
    password, file = folder / f"{role}.password", folder / f"{role}.toml"
    password.write_text(password_of(role))
    password.chmod(0o600)
    file.write_text(
        f'[box]\ngym = "gym"\nid = "other"\n[mqtt]\nhost = "{HOST}"\nport = {port}\n'
        f'username = "{role}"\npassword_file = "{password}"\n{more}'
    )
    return file


async def test_a_broker_of_the_old_version_is_cleared_too() -> None:
    """What it does not tell is said."""
    async with EmbeddedBroker() as broker:
        code, said = await forgets(str(PLACE), "--broker", f"{HOST}:{broker.port}")
    assert code == 0
    assert said.startswith(f"{PLACE}: {HOST}:{broker.port} keeps nothing of it any more; if its rules forbid it")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a machine, as GYM/MACHINE, or a box"),
        (("press-1",), "of which gym? write GYM/press-1"),
        (("gym/Press 1",), "cannot stand in an MQTT topic"),
        (("gym/press-1", "--broker", "there"), "must be HOST:PORT"),
        (("gym/press-1", "--broker", f"{HOST}:1"), "cannot be reached"),
    ],
)
async def test_mistakes_are_one_line(arguments: tuple[str, ...], said: str) -> None:
    """With what to do."""
    code, told = await forgets(*arguments)
    assert code == 1
    assert said in told
    assert len(told.splitlines()) == 1


async def test_what_the_configuration_still_has_is_not_gone(tmp_path: Path) -> None:
    """A machine that is watched, and the box itself, are refused before a broker is asked."""
    watched = config(tmp_path, free_port(), "box", '[[machines]]\nid = "press-1"\n')
    for arguments, said in ((("press-1",), "still watches press-1"), (("--box", "other"), "is that of other")):
        code, told = await forgets(*arguments, "--config", str(watched))
        assert code == 1
        assert said in told
