"""What a box can sound with: a pin with a buzzer behind it, or a program that plays sound."""

from __future__ import annotations

import contextlib
import math
import shutil
import subprocess
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from edge.errors import SledguardError
from edge.events import Buzz

RATE_HZ = 16_000
TONE_HZ = 2_000  # where small speakers are loud and gym music is not
EDGE_MS = 4  # a tone that begins at once clicks

# 40 ms in the device: it begins soon, and a box under load does not stutter.
APLAY = ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE_HZ), "-c", "1", "--buffer-time=40000", "-")


class PinSounder:
    """A buzzer on a Raspberry Pi's pin, its loudness by pulse width; a passive one needs `tone_hz` of its own."""

    def __init__(self, pin: int) -> None:
        """pin: its GPIO number. SledguardError: gpiozero is missing, or there is no such pin here."""
        try:
            from gpiozero import PWMOutputDevice  # noqa: PLC0415 - an extra, for the Pi alone
            from gpiozero.exc import BadPinFactory, GPIOZeroError  # noqa: PLC0415
        except ImportError as error:
            raise SledguardError(
                "a buzzer on a pin needs gpiozero; install it with: pip install 'sledguard[pi]'"
            ) from error
        try:
            with warnings.catch_warnings():  # of every way to reach pins that is not to be had here
                warnings.simplefilter("ignore")
                self._device: Any = PWMOutputDevice(pin, frequency=TONE_HZ)
        except (BadPinFactory, GPIOZeroError, OSError) as error:
            raise SledguardError(
                f"[[buzzers]] gpio_pin = {pin}: cannot be used here ({error}); is this a Raspberry Pi?"
            ) from error

    def play(self, pattern: tuple[Buzz, ...], cut: Callable[[float], bool]) -> None:
        """See Sounder."""
        try:
            for one in pattern:
                self._device.value = one.intensity_pct / 100
                if cut(one.on_ms / 1000):
                    return
                self._device.value = 0
                if cut(one.off_ms / 1000):
                    return
        finally:
            self._device.value = 0

    def close(self) -> None:
        """See Sounder."""
        self._device.close()


class ProgramSounder:
    """Any sound device, by a program that plays raw samples from its input: 16 bit, one channel, RATE_HZ.

    It is started anew for each cue: a device that was pulled out and put back is simply there again.
    """

    def __init__(self, command: Sequence[str] = APLAY, volume_pct: int = 100) -> None:
        """SledguardError: there is no such program."""
        if shutil.which(command[0]) is None:
            hint = "install alsa-utils, or name another program in audio_command"
            raise SledguardError(f"[[buzzers]] {command[0]}: there is no such program to play sound; {hint}")
        self._command, self._volume_pct = list(command), volume_pct

    def play(self, pattern: tuple[Buzz, ...], cut: Callable[[float], bool]) -> None:
        """See Sounder. OSError: the program is gone; ChildProcessError: it failed."""
        samples = pcm(pattern, self._volume_pct)
        with subprocess.Popen(self._command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:  # noqa: S603
            assert program.stdin is not None  # noqa: S101
            with contextlib.suppress(BrokenPipeError):
                program.stdin.write(samples)
                program.stdin.close()
            stopped = cut(len(samples) / 2 / RATE_HZ)
            if stopped:
                program.kill()
        if program.returncode and not stopped:
            raise ChildProcessError(f"{self._command[0]} ended with {program.returncode}")

    def close(self) -> None:
        """See Sounder."""


def pcm(pattern: tuple[Buzz, ...], volume_pct: int = 100) -> bytes:
    """A pattern as samples: tones and silences."""
    parts = [np.empty(0, "<i2")]
    for one in pattern:
        count, edge = RATE_HZ * one.on_ms // 1000, RATE_HZ * EDGE_MS // 1000
        level, at = 32_000 * one.intensity_pct * volume_pct / 10_000, np.arange(count)
        shape = np.minimum(1.0, np.minimum(at, count - 1 - at) / edge)
        tone = np.sin(2 * math.pi * TONE_HZ * at / RATE_HZ)
        parts.append(np.rint(level * shape * tone).astype("<i2"))
        parts.append(np.zeros(RATE_HZ * one.off_ms // 1000, "<i2"))
    return np.concatenate(parts).tobytes()
