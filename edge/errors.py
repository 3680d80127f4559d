"""Errors that a user can meet. Each message says what is wrong and what to do; none carries a traceback to the user."""


class SledguardError(Exception):
    """The root of every expected error; the command line prints its text and exits with 1."""


class NoRoomError(SledguardError):
    """The disk is full: what was to be written there cannot be kept."""


class ConfigError(SledguardError):
    """The configuration cannot be used as written."""


class RecordingError(SledguardError):
    """A recording cannot be read."""


class TransientError(SledguardError):
    """A device or a broker is away at present; trying again is worth while."""
