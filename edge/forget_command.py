"""`sledguard forget`: a machine or a box is gone for good, and the broker is to keep nothing of it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from edge import config
from edge.broker_access import Access, check_access
from edge.command_line import ItsBroker, ItsConfig, mqtt_of
from edge.errors import ConfigError, SledguardError
from edge.forget import Forgotten, forget, look
from edge.publishers.retained import of_box, of_machine


def forget_command(
    machines: Annotated[
        list[str] | None, typer.Argument(metavar="[GYM/]MACHINE...", help="The gym may be left out with --config.")
    ] = None,
    *,
    box: Annotated[
        list[str] | None, typer.Option("--box", metavar="[GYM/]BOX", help="A box that is gone; may be repeated.")
    ] = None,
    broker: ItsBroker = None,
    config_file: ItsConfig = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Do not look whether they are gone; what is not seems off until it restarts."),
    ] = False,
) -> None:
    """Clear what a broker keeps of machines and boxes that are gone, such as after `replay --broker`.

    Screens and Home Assistant see them no more; the history keeps its sessions. What is still there, or cannot be told
    to be gone, is refused: it would seem off, and could be told nothing, until its box starts anew.
    """
    if not machines and not box:
        raise ConfigError("name a machine, as GYM/MACHINE, or a box, as --box GYM/BOX")
    given = config.load(config_file) if config_file is not None else None
    mqtt = mqtt_of(broker, given)
    ours = given.box.gym if given is not None else None
    gone = [_named(name, ours) for name in machines or ()]
    boxes = [_named(name, ours) for name in box or ()]
    _check_gone(gone, boxes, given, config_file)
    topics = [topic for one in gone for topic in of_machine(*one)] + [topic for one in boxes for topic in of_box(*one)]
    access = check_access(mqtt, f"sledguard-forget-{os.urandom(4).hex()}")
    done = asyncio.run(_if_gone(access, topics, [] if force else gone, [] if force else boxes))
    if done.refused:
        raise SledguardError(
            f"{access.address}: this login may not write {len(done.refused)} of {len(topics)} topics, such as "
            f"{done.refused[0]}; use a box's"
        )
    names = ", ".join("/".join(one) for one in [*gone, *boxes])
    doubt = "" if done.told else "; if its rules forbid it, MQTT 3.1.1 does not say so: use a box's login"
    typer.echo(f"{names}: {access.address} keeps nothing of it any more{doubt}")


async def _if_gone(
    access: Access, topics: list[str], machines: list[tuple[str, str]], boxes: list[tuple[str, str]]
) -> Forgotten:
    """Look whether these are gone, if any are named, and clear the topics. SledguardError: they are not."""
    if machines or boxes:
        objections = (await look(access, machines, boxes)).objections(machines, boxes)
        if objections:
            raise SledguardError(f"{'; '.join(objections)}. If it is gone, add --force")
    return await forget(access, topics)


def _named(text: str, gym: str | None) -> tuple[str, str]:
    """Gym and name."""
    before, _, name = text.rpartition("/")
    if not before and gym is None:
        raise ConfigError(f"{text}: of which gym? write GYM/{name}, or give --config")
    return before or gym or "", name


def _check_gone(
    machines: list[tuple[str, str]], boxes: list[tuple[str, str]], given: config.Config | None, path: Path | None
) -> None:
    """What the configuration still has is not gone."""
    if given is None:
        return
    for gym, name in machines:
        if gym == given.box.gym and name in {machine.id for machine in given.machines}:
            raise ConfigError(f"{path} still watches {name}: take it out there, and start the box anew, first")
    if (given.box.gym, given.box.id) in boxes:
        raise ConfigError(f"{path} is that of {given.box.id}: a box that is gone is forgotten from another")
