"""The command line: what each command prints, and that errors are one clear line and exit code 1."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import sys
from pathlib import Path

import pytest
from broker_tools import WAIT_S, subscribed
from recording_fixture import small_recording

from edge.cli import main
from edge.publishers.embedded_broker import EmbeddedBroker


class Run:
    """Runs the command line in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        self._monkeypatch.setattr(sys, "argv", ["sledguard", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out = self._capsys.readouterr()
        return int(ended.value.code or 0), out.out, out.err


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line."""
    return Run(monkeypatch, capsys)


def test_version_says_which_build_runs(run: Run) -> None:
    """The release, and whether it is compiled: an installation decides that without asking."""
    code, out, _ = run("--version")
    assert code == 0
    assert re.fullmatch(r"sledguard \S+, (plain Python|compiled)\n", out)


@pytest.mark.parametrize("command", [(), ("run",), ("demo",), ("replay",), ("analyze",), ("check-config",)])
def test_help_of_every_command(run: Run, command: tuple[str, ...]) -> None:
    """Every command explains itself."""
    code, out, _ = run(*command, "--help")
    assert code == 0
    assert "Usage" in out


def test_analyze_writes_results_and_goes_on_after_a_bad_recording(run: Run, tmp_path: Path) -> None:
    """A recording that cannot be read costs one line and the exit code; the others are analyzed."""
    good, bad = small_recording(tmp_path / "good"), small_recording(tmp_path / "bad")
    (bad / "session.toml").write_text("format = 7\n")
    code, out, err = run("analyze", bad, good, "--out", tmp_path / "out")
    assert code == 1
    assert re.search(r"^good: 0 reps, 0 alerts in 2 s", out, re.M)
    assert len(err.splitlines()) == 2
    assert "bad/session.toml" in err.splitlines()[0]
    assert (tmp_path / "out/good/signals.csv").read_text().startswith("t_s,")
    for line in (tmp_path / "out/good/events.jsonl").read_text().splitlines():
        assert {"topic", "t_s", "payload"} == json.loads(line).keys()


def test_analyze_of_good_recordings_exits_with_0(run: Run, tmp_path: Path) -> None:
    """With nothing wrong the exit code is 0 and nothing is on standard error."""
    code, _, err = run("analyze", small_recording(tmp_path / "good"), "--out", tmp_path / "out")
    assert (code, err) == (0, "")


def test_analyze_tells_what_is_odd(run: Run, tmp_path: Path) -> None:
    """A sensor without a file is a note, not an error."""
    folder = small_recording(tmp_path / "good")
    (folder / "sled.csv").unlink()
    code, out, _ = run("analyze", folder, "--out", tmp_path / "out")
    assert code == 0
    assert "good: note: sled: no file" in out


def test_analyze_refuses_two_recordings_of_one_name(run: Run, tmp_path: Path) -> None:
    """Two folders of one name would overwrite each other's results: the second is refused."""
    (tmp_path / "other").mkdir()
    first, second = small_recording(tmp_path / "a"), small_recording(tmp_path / "other/a")
    code, out, err = run("analyze", first, second, "--out", tmp_path / "out")
    assert code == 1
    assert len(out.splitlines()) >= 1
    assert "another recording named a" in err


def test_analyze_gives_the_same_without_truth_and_again(run: Run, tmp_path: Path) -> None:
    """Truth files change nothing, and a second run gives the same bytes."""
    folder = small_recording(tmp_path / "a")
    (folder / "truth.json").write_text("not even JSON")
    results = []
    for out in ("one", "two"):
        run("analyze", folder, "--out", tmp_path / out)
        results.append([(tmp_path / out / "a" / name).read_bytes() for name in ("events.jsonl", "signals.csv")])
        (folder / "truth.json").unlink(missing_ok=True)
    assert results[0] == results[1]


def test_replay_plays_to_the_end(run: Run, tmp_path: Path) -> None:
    """A recording is played through at speed, with its states on standard output."""
    code, out, err = run("replay", small_recording(tmp_path / "a"), "--speed", 1000)
    assert (code, err) == (0, "")
    assert "idle" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("replay", "nowhere"), "no such recording folder"),
        (("replay", __file__), "no byte log"),
        (("demo", "--broker", "here"), "HOST:PORT"),
        (("demo", "--broker", "here:0"), "HOST:PORT"),
        (("run", "--config", "nowhere.toml"), "cannot be read"),
        (("check-config", "nowhere.toml"), "cannot be read"),
    ],
)
def test_errors_are_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """What a user got wrong is told in one line, without a traceback, and the exit code is 1."""
    code, _, err = run(*arguments)
    assert code == 1
    assert len(err.splitlines()) == 1
    assert said in err


def test_every_mistake_of_a_configuration_is_told(run: Run, tmp_path: Path) -> None:
    """check-config and run list each mistake on its own line."""
    (tmp_path / "edge.toml").write_text("[mqtt]\nport = 0\nhots = 'x'\n[box]\nid = 'A B'\n")
    for command in (("check-config",), ("run", "--config")):
        code, _, err = run(*command, tmp_path / "edge.toml")
        assert code == 1
        assert len(err.splitlines()) == 3


def test_run_without_a_machine_says_what_is_missing(run: Run, tmp_path: Path) -> None:
    """A configuration that names nothing to watch is refused at the start."""
    (tmp_path / "edge.toml").write_text("")
    code, _, err = run("run", "--config", tmp_path / "edge.toml")
    assert code == 1
    assert "nothing to watch" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_demo_serves_a_subscriber_and_ends_cleanly(number: signal.Signals) -> None:
    """A subscriber on the printed address gets the retained state; Ctrl-C and SIGTERM end it with exit code 0."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge.cli", "demo", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(2 * WAIT_S):
            line = (await process.stdout.readline()).decode()
            port = re.search(r"mosquitto_sub -h 127\.0\.0\.1 -p (\d+) -t 'sledguard/v1/#' -v", line)
            assert port is not None
            async with subscribed(int(port[1])) as subscriber:
                await subscriber.until(
                    lambda: bool(subscriber.of("leg-press/state") and subscriber.of("laptop/status"))
                )
                process.send_signal(number)
                _, err = await process.communicate()
        assert (process.returncode, err) == (0, b"")
    finally:
        if process.returncode is None:
            process.kill()


async def test_demo_ends_after_its_seconds() -> None:
    """With --seconds the demo ends by itself, with exit code 0."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge.cli", "demo", "--seconds", "1", stdout=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(2 * WAIT_S):
        assert await process.wait() == 0


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="no dbus-daemon here")
async def test_demo_on_bluetooth_opens_all_its_links() -> None:
    """With --ble every node is connected through the interface of BlueZ."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge.cli", "demo", "--ble", "--seconds", "6"), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(3 * WAIT_S):
        out, _ = await process.communicate()
    said = out.decode()
    assert process.returncode == 0
    assert len(re.findall(r"link \S+: open", said)) == 8


async def test_replay_publishes_to_a_broker(tmp_path: Path) -> None:
    """With --broker a replay's messages reach a subscriber, in a gym of their own, and the box says good-bye."""
    folder = small_recording(tmp_path / "Small Set")
    async with EmbeddedBroker() as broker, subscribed(broker.port) as subscriber, asyncio.timeout(2 * WAIT_S):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "edge.cli", "replay", str(folder), "--speed", "20"),
            *("--broker", f"127.0.0.1:{broker.port}"),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        await subscriber.until(lambda: [s["status"] for s in subscriber.of("box/replay/status")][-1:] == ["offline"])
        assert subscriber.of("replay/machine/small-set/state")
    clear = f"sledguard forget replay/small-set --box replay/replay --broker 127.0.0.1:{broker.port}"
    assert out.decode().splitlines()[-1] == f"the broker keeps what was told last; to clear it: {clear}"
