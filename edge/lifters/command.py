"""`sledguard forget-lifter`: what a box keeps of a lifter is deleted, whether or not the box runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge import config
from edge.errors import ConfigError, SledguardError
from edge.lifters.files import FOLDER, LifterFiles
from edge.state import state_to_read


def forget_lifter_command(
    lifters: Annotated[list[str], typer.Argument(metavar="ID...", help="Opaque, as it was said to the machine.")],
    config_file: Annotated[Path, typer.Option("--config", metavar="FILE", help="Of the box that is to forget.")],
) -> None:
    """Delete what a box keeps of lifters: height, leg lengths and what sessions have taught of them.

    A session that is on goes on, and nothing more is kept of it. Other boxes of the gym keep what they have.
    """
    given = config.load(config_file)
    state = state_to_read(given.box)
    files = LifterFiles(state)
    for lifter in lifters:
        try:
            found = files.forget(lifter)
        except ValueError as error:
            raise ConfigError(f"{lifter!r}: {error}: 1 to 32 of a-z, 0-9, _ and -") from error
        except OSError as error:
            raise SledguardError(f"{error.filename}: {error.strerror}; run this as the box's user, or root") from error
        said = "is deleted" if found else "was not here"
        table = f"; [lifters.{lifter}] in {config_file} is yours to delete" if lifter in given.lifters else ""
        typer.echo(f"{lifter}: what {state / FOLDER} kept {said}{table}")
