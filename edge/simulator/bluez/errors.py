"""Errors that bluetoothd answers with."""

from __future__ import annotations


class BluezError(Exception):
    """An error reply: its D-Bus name and its text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name, self.text = name, text


def failed(text: str) -> BluezError:
    """org.bluez.Error.Failed."""
    return BluezError("org.bluez.Error.Failed", text)


def in_progress() -> BluezError:
    """org.bluez.Error.InProgress."""
    return BluezError("org.bluez.Error.InProgress", "Operation already in progress")


def not_ready() -> BluezError:
    """org.bluez.Error.NotReady."""
    return BluezError("org.bluez.Error.NotReady", "Resource Not Ready")


def not_paired() -> BluezError:
    """What reading, writing or subscribing gives where a bond is needed."""
    return BluezError("org.bluez.Error.NotPermitted", "Not paired")


def out_of_slots() -> BluezError:
    """What connecting gives when the controller has no link left."""
    return failed("le-connection-abort-by-local")
