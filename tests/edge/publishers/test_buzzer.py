"""Buzzers on the box: what sounds, when, and what is left out."""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from example_events import ALERT, LIVE

from edge.clock import monotonic_ns
from edge.errors import SledguardError
from edge.events import Alert, Buzz
from edge.publishers.buzzer import BEGIN_WITHIN_S, RAMP_FROM, BoxBuzzer, ramp_tick
from edge.publishers.sounders import RATE_HZ, PinSounder, ProgramSounder, pcm

PATTERN = (Buzz(100, 300, 100), Buzz(80, 80, 80))
LIMIT_S = 10.0


class Recorder:
    """A sounder that notes what it is to play, and plays until it is let go on."""

    def __init__(self, *, holds: bool = False, fails: bool = False) -> None:
        self.begun: queue.SimpleQueue[tuple[Buzz, ...]] = queue.SimpleQueue()
        self.cut: list[bool] = []
        self.closed = False
        self._holds, self._fails = holds, fails

    def play(self, pattern: tuple[Buzz, ...], cut: Callable[[float], bool]) -> None:
        self.begun.put(pattern)
        if self._fails:
            raise OSError("no device")
        if self._holds:
            self.cut.append(cut(LIMIT_S))

    def close(self) -> None:
        self.closed = True


def alert(age_s: float = 0.0, **changes: object) -> Alert:
    """A spoken alert that was decided so long ago."""
    fields = {"t_s": monotonic_ns() / 1e9 - age_s, "buzzer": PATTERN} | changes
    return msgspec.structs.replace(ALERT, **fields)


@pytest.fixture
def made() -> Iterator[Callable[..., BoxBuzzer]]:
    """Makes buzzers that are closed at the end."""
    buzzers: list[BoxBuzzer] = []

    def make(sounder: Recorder, machine: str | None = None, *, ramp: bool = False) -> BoxBuzzer:
        buzzers.append(BoxBuzzer(sounder, machine, ramp=ramp))
        return buzzers[-1]

    yield make
    for buzzer in buzzers:
        buzzer.close()


def test_spoken_alert_sounds_its_pattern(made: Callable[..., BoxBuzzer]) -> None:
    """The pattern of the alert is played, of any machine where none is named."""
    sounder = Recorder()
    assert made(sounder).buzz("press", alert())
    assert sounder.begun.get(timeout=LIMIT_S) == PATTERN


@pytest.mark.parametrize(
    ("machine", "one"),
    [
        ("other", alert()),
        ("press", alert(spoken=False)),
        ("press", alert(buzzer=())),
    ],
)
def test_what_is_not_to_be_heard_is_not(made: Callable[..., BoxBuzzer], machine: str, one: Alert) -> None:
    """Another machine's cue, a silent alert and one without a pattern wake nothing."""
    assert not made(Recorder(), "press").buzz(machine, one)


@pytest.mark.parametrize(("spare_s", "sounds"), [(0.2, True), (-0.001, False)])
def test_late_cue_is_left_out(made: Callable[..., BoxBuzzer], spare_s: float, sounds: bool) -> None:  # noqa: FBT001
    """A cue whose time to begin is over stays silent; the next one sounds."""
    sounder = Recorder()
    buzzer = made(sounder)
    buzzer.buzz("press", alert(BEGIN_WITHIN_S - spare_s))
    if not sounds:
        buzzer.buzz("press", alert(buzzer=PATTERN[:1]))
    assert sounder.begun.get(timeout=LIMIT_S) == (PATTERN if sounds else PATTERN[:1])


def test_newer_cue_replaces_what_plays(made: Callable[..., BoxBuzzer]) -> None:
    """A second cue cuts the first short at once."""
    sounder = Recorder(holds=True)
    buzzer = made(sounder)
    buzzer.buzz("press", alert())
    sounder.begun.get(timeout=LIMIT_S)
    buzzer.buzz("press", alert(buzzer=PATTERN[1:]))
    assert sounder.begun.get(timeout=LIMIT_S) == PATTERN[1:]
    assert sounder.cut == [True]


def test_broken_buzzer_holds_nobody_up(made: Callable[..., BoxBuzzer]) -> None:
    """A device that fails is told once and tried again at the next cue."""
    sounder = Recorder(fails=True)
    buzzer = made(sounder)
    for _ in range(2):
        buzzer.buzz("press", alert())
        sounder.begun.get(timeout=LIMIT_S)
    buzzer.close()
    assert buzzer.failures == 2
    assert sounder.closed


@pytest.mark.parametrize(
    ("nearness", "gap_ms"), [(None, None), (RAMP_FROM - 0.01, None), (RAMP_FROM, 500), (0.6, 280), (1.0, 60), (1.4, 60)]
)
def test_ramp_ticks_faster_the_nearer(nearness: float | None, gap_ms: int | None) -> None:
    """Silent while far, then from slow to quick; beyond the limit as at it."""
    tick = ramp_tick(nearness)
    assert (tick.off_ms if tick else None) == gap_ms


def test_ramp_is_heard_only_where_wanted(made: Callable[..., BoxBuzzer]) -> None:
    """With the ramp on, nearness in a moving phase ticks; a cue comes before the next tick."""
    silent, sounder = Recorder(), Recorder()
    near = msgspec.structs.replace(LIVE, phase="concentric", lockout_nearness=0.9)
    made(silent).tell("press", near)
    buzzer = made(sounder, ramp=True)
    buzzer.tell("press", msgspec.structs.replace(near, phase="top"))
    buzzer.tell("press", near)
    assert sounder.begun.get(timeout=LIMIT_S) == (ramp_tick(0.9),)
    buzzer.tell("press", LIVE)
    assert silent.begun.empty()


def test_ramp_ends_with_the_stream(made: Callable[..., BoxBuzzer], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ticks go on for 0.3 s after the last Live and no longer, and a cue sounds after that as ever."""
    clock = [10**9]
    monkeypatch.setattr("edge.publishers.buzzer.monotonic_ns", lambda: clock[0])

    class Slow(Recorder):
        def play(self, pattern: tuple[Buzz, ...], cut: Callable[[float], bool]) -> None:
            clock[0] += 100_000_000
            super().play(pattern, cut)

    sounder = Slow()
    buzzer = made(sounder, ramp=True)
    buzzer.tell("press", msgspec.structs.replace(LIVE, phase="concentric", lockout_nearness=0.9))
    for _ in range(4):  # at 0, 0.1, 0.2 and 0.3 s
        assert sounder.begun.get(timeout=LIMIT_S) == (ramp_tick(0.9),)
    assert buzzer.buzz("press", msgspec.structs.replace(ALERT, t_s=clock[0] / 1e9, buzzer=PATTERN))
    assert sounder.begun.get(timeout=LIMIT_S) == PATTERN
    buzzer.close()
    assert sounder.begun.empty()


def no_wait(_seconds: float) -> bool:
    """Play without waiting."""
    return False


def test_pin_is_driven_and_left_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a (mock) pin the pattern's strengths follow each other with silence between, and silence stays."""
    pytest.importorskip("gpiozero")
    from gpiozero import Device  # noqa: PLC0415 - an extra
    from gpiozero.pins.mock import MockFactory, MockPWMPin  # noqa: PLC0415

    monkeypatch.setattr(Device, "pin_factory", MockFactory(pin_class=MockPWMPin))
    sounder = PinSounder(18)
    pin = Device.pin_factory.pin(18)
    pin.clear_states()
    seen: list[float] = []

    def look(_seconds: float) -> bool:
        seen.append(pin.state)
        return len(seen) == 3

    sounder.play(PATTERN, look)
    assert seen == [pytest.approx(1.0), 0, pytest.approx(0.8)]
    assert pin.state == 0
    sounder.close()


def test_pin_that_is_not_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Pi's pins the setting is named; without the package, what installs it."""
    pytest.importorskip("gpiozero")
    from gpiozero import Device  # noqa: PLC0415
    from gpiozero.pins.mock import MockFactory  # noqa: PLC0415 - its pins cannot do pulse width

    monkeypatch.setattr(Device, "pin_factory", MockFactory())
    with pytest.raises(SledguardError, match="gpio_pin = 18"):
        PinSounder(18)
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    with pytest.raises(SledguardError, match=r"sledguard\[pi\]"):
        PinSounder(18)


def test_samples_are_loud_where_the_pattern_is() -> None:
    """Tones and silences have their lengths, a stronger pulse is louder, and no tone begins or ends with a click."""
    data = memoryview(pcm(PATTERN)).cast("h")
    ms = RATE_HZ // 1000
    assert len(data) == 560 * ms
    loudest = [max(map(abs, data[a * ms : b * ms])) for a, b in ((0, 300), (300, 400), (400, 480), (480, 560))]
    assert loudest[1] == loudest[3] == 0
    assert loudest[2] == pytest.approx(0.8 * loudest[0], rel=0.01)
    assert data[0] == data[300 * ms - 1] == 0


def test_program_gets_the_samples(tmp_path: Path) -> None:
    """Any program that reads raw samples is given them; a failure is the buzzer's; a missing one is told at start."""
    target = tmp_path / "heard"
    ProgramSounder(["sh", "-c", f"cat > {target}"]).play(PATTERN, no_wait)
    assert target.read_bytes() == pcm(PATTERN)
    with pytest.raises(ChildProcessError):
        ProgramSounder(["false"]).play(PATTERN, no_wait)
    with pytest.raises(SledguardError, match="no-such-player: there is no such program"):
        ProgramSounder(["no-such-player"])


def test_a_sound_device_ticks_the_ramp_and_a_cue_comes_between(
    made: Callable[..., BoxBuzzer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each tick is a program's own, and a cue cuts in and is played whole."""
    monkeypatch.setattr("edge.publishers.buzzer.NEAR_FOR_NS", 10**12)
    monkeypatch.setattr("edge.publishers.buzzer.BEGIN_WITHIN_S", LIMIT_S)
    tick = (ramp_tick(1.0),)

    class Program(ProgramSounder):
        """Tells what has been played to its end."""

        over: queue.Queue[tuple[Buzz, ...]] = queue.Queue()

        def play(self, pattern: tuple[Buzz, ...], cut: Callable[[float], bool]) -> None:
            super().play(pattern, cut)
            self.over.put(pattern)

    buzzer = made(Program(["sh", "-c", f"cat >> {tmp_path}/heard"]), ramp=True)
    buzzer.tell("press", msgspec.structs.replace(LIVE, phase="concentric", lockout_nearness=1.0))
    assert [Program.over.get(timeout=LIMIT_S) for _ in range(2)] == [tick, tick]
    assert buzzer.buzz("press", alert())
    while (played := Program.over.get(timeout=LIMIT_S)) != PATTERN:
        assert played == tick
    assert pcm(PATTERN) in (tmp_path / "heard").read_bytes()


def test_program_is_cut_short() -> None:
    """A newer cue ends the program at once, and that is no failure."""
    ProgramSounder(["sleep", "60"]).play(PATTERN, lambda _seconds: True)
