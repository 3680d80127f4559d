"""What a broker keeps of a machine or a box after it is gone. Pure.

The topics are those of the contract, so none need be looked up: a box's own login may write them, but not list them.
"""

from __future__ import annotations

from typing import get_args

from edge.publishers.home_assistant import Form, discovery
from edge.publishers.messages import HEALTH_ROUTE, ROUTES, STATUS_ROUTE, BoxMessages, MachineMessages
from edge.samples import IMU_ROLES, LOAD_ROLES


def of_machine(gym: str, machine: str) -> list[str]:
    """All topics, those by which Home Assistant finds it too. SledguardError: no name for a topic."""
    root = MachineMessages(gym, machine).root
    kept = [route.suffix for route in ROUTES.values() if route.retain]
    named = [suffix.format(role=role) for suffix in kept for role in (*IMU_ROLES, *LOAD_ROLES)]
    found = [message.topic for form in get_args(Form) for message in discovery(gym, "", machine, root, form)]
    return [*dict.fromkeys(f"{root}/{suffix}" for suffix in named), *found]


def of_box(gym: str, box: str) -> list[str]:
    """All topics. SledguardError: no name for a topic."""
    root = BoxMessages(gym, box).root
    return [f"{root}/{route.suffix}" for route in (STATUS_ROUTE, HEALTH_ROUTE) if route.retain]
