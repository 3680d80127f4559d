"""Pipelines for what there is to run them on: live lines, a byte log, a recording of samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from edge.errors import RecordingError, SledguardError
from edge.machine import MachineSettings
from edge.pipeline import Pipeline
from edge.settings import LinkPlan
from edge.sources.session_file import Session


class Recorded(Protocol):
    """What a recording of samples says of itself."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def session(self) -> Session:
        """What its session file says."""


def live_pipeline(
    settings: MachineSettings,
    links: Mapping[str, LinkPlan],
    seed: int,
    keys: Mapping[str, bytes] | None = None,
    *,
    keep_signals: bool = False,
) -> Pipeline:
    """A pipeline whose links are greeted from the start. keys: of nodes that authenticate."""
    pipeline = Pipeline(settings, seed=seed, keys=keys, keep_signals=keep_signals)
    for link, plan in links.items():
        pipeline.open_link(link, plan)
    return pipeline


def logged_pipeline(about: Mapping[str, Any], path: Path, *, keep_signals: bool = False) -> Pipeline:
    """The pipeline that a byte log was made with. SledguardError: its header does not say enough.

    Keys are in no log, so tags are not judged again: what was refused live for its tag alone is taken here.
    """
    try:
        settings = msgspec.convert(about["settings"], MachineSettings)
        links = msgspec.convert(about["links"], dict[str, LinkPlan])
        unjudged = tuple(msgspec.structs.replace(node, authentication="off") for node in settings.nodes)
        settings = msgspec.structs.replace(settings, nodes=unjudged)
        return live_pipeline(settings, links, int(about["seed"]), keep_signals=keep_signals)
    except (KeyError, TypeError, ValueError, msgspec.ValidationError) as error:
        raise SledguardError(
            f"{path}: its header does not fit this version ({error}); use the one that logged"
        ) from error


def recorded_pipeline(recording: Recorded, *, keep_signals: bool = True) -> Pipeline:
    """A pipeline for a recording, with what its session file says of machine and lifter. keep_signals: for who takes
    them as they come; else they grow with the session.
    """
    return Pipeline(recorded_settings(recording), keep_signals=keep_signals)


def recorded_settings(recording: Recorded) -> MachineSettings:
    """What session.toml says of machine and lifter, as settings; the defaults for what it leaves out."""
    known: dict[str, Any] = {}
    if (machine := recording.session.machine) is not None:
        known |= {"rail_angle_deg": machine.rail_angle_deg, "sled_mass_kg": machine.sled_mass_kg}
        known |= {"stack_kg": machine.stack_kg} if machine.stack_kg is not None else {}
    if (lifter := recording.session.lifter) is not None:
        known |= {"height_m": lifter.height_m, "thigh_m": lifter.thigh_m, "shank_m": lifter.shank_m}
    try:
        return msgspec.convert(known, MachineSettings)
    except msgspec.ValidationError as error:
        raise RecordingError(f"{recording.name}/session.toml: {error}; mend this value") from error
