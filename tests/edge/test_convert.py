"""Recordings in another form: what came of them before comes of them after, and what is lost is told."""

from __future__ import annotations

import gzip
import json
import tomllib
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastjsonschema
import msgspec
import numpy as np
import pytest
from golden.cases import scenario_of, unpack
from hypothesis import given, settings
from hypothesis import strategies as st
from recording_fixture import IMU_HEADER, SESSION, imu_rows, small_recording
from typer.testing import CliRunner

from edge.cli import app
from edge.convert import convert
from edge.errors import RecordingError, SledguardError
from edge.lifter import Lifter, LifterTold
from edge.mcap_files import McapRecording, open_mcap
from edge.motion.known_body import measured
from edge.node_rows import BEGINS_US, NodeRows
from edge.pipelines import logged_pipeline
from edge.replay import open_replay
from edge.samples import ImuSamples, LoadSamples
from edge.simulator.recording import write_recording
from edge.simulator.session import simulate
from edge.sources.arrivals import RESTART_MIN_US, Arrival, Rows
from edge.sources.byte_log import ByteLogWriter, Direction, LogEntry
from edge.sources.folder_writer import new_folder
from edge.sources.recording import read_recording

reader = pytest.importorskip("mcap.reader")


def run(*words: object) -> str:
    """What the command says; it must succeed."""
    ran = CliRunner().invoke(app, [str(word) for word in words])
    assert ran.exit_code == 0, ran.output
    return ran.output


def results(folder: Path) -> dict[str, bytes]:
    """What `analyze` wrote of one recording."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def told(folder: Path) -> list[dict[str, Any]]:
    """The payloads that `analyze` wrote of a recording."""
    return [json.loads(line)["payload"] for line in (folder / "events.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a simulated session, with its truth."""
    folder = tmp_path_factory.mktemp("recorded") / "session"
    write_recording(simulate(scenario_of("four-faults")), folder)
    return folder


@pytest.fixture(scope="module")
def as_mcap(recorded: Path) -> Path:
    """The same as MCAP."""
    target = recorded.parent / "session.mcap"
    assert "samples" not in run("convert", recorded, target)
    return target


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small recording, where little is as it should be."""
    folder = small_recording(tmp_path / "small")
    odd = imu_rows((4_294_960_000, 50_000), (4_294_970_000, 50_000), (4_294_970_000, 60_000), (2_704, 70_000))
    odd += "5000000,80000,-0.0,1e-7,9.8066499999,0,0,123456789.125\n1000,80000,0,0,9.81,0,0,0\n"
    (folder / "sled.csv").write_text(odd)
    return folder


def plain(arrival: Arrival) -> tuple[Any, ...]:
    """An arrival for comparing."""
    samples = arrival.samples
    values = samples.force_n if isinstance(samples, LoadSamples) else np.hstack([samples.acc_m_s2, samples.gyr_rad_s])
    return arrival.t_ns, samples.role, samples.boot, samples.device_us.tolist(), values.tolist()


def test_a_folder_as_mcap_is_analyzed_to_the_same_files(recorded: Path, as_mcap: Path, tmp_path: Path) -> None:
    """Events and signals of the MCAP file are those of the folder, byte for byte."""
    run("analyze", recorded, "--out", tmp_path / "a")
    run("analyze", as_mcap, "--out", tmp_path / "b")
    assert results(tmp_path / "a/session") == results(tmp_path / "b/session")
    types = [payload["type"] for payload in told(tmp_path / "a/session")]
    assert (types.count("rep"), types.count("alert")) == (5, 4)


def test_a_folder_as_mcap_replays_to_what_the_folder_said(as_mcap: Path) -> None:
    """`replay` gives the events that came of the folder as it was converted, and that stand in the file."""
    with as_mcap.open("rb") as file:
        found = reader.make_reader(file).iter_messages(log_time_order=False)
        said = [json.loads(m.data) for _, channel, m in found if channel.topic.startswith("events/")]
    replayed = [event for step in open_replay(as_mcap).steps for event in step.events]
    assert json.loads(msgspec.json.encode(replayed)) == said
    assert len(said) > 300


def test_a_folder_as_mcap_is_valid_to_the_library(recorded: Path, as_mcap: Path) -> None:
    """Every sample is a message of numbers with its schema, at a time on which curves stand; all rows are there."""
    seen: dict[str, list[int]] = {}
    compiled: dict[int, Any] = {}
    with as_mcap.open("rb") as file:
        found = reader.make_reader(file, validate_crcs=True)
        for schema, channel, message in found.iter_messages(log_time_order=False):
            if schema.id not in compiled:
                compiled[schema.id] = fastjsonschema.compile(json.loads(schema.data))
            compiled[schema.id](json.loads(message.data))
            assert channel.message_encoding == "json"
            seen.setdefault(channel.topic, []).append(message.log_time)
        summary = found.get_summary()
    assert summary is not None
    assert summary.statistics.message_count == sum(map(len, seen.values()))
    for role in read_recording(recorded).roles:
        rows = gzip.decompress((recorded / f"{role}.csv.gz").read_bytes()).decode().count("\n") - 1
        times = seen[f"samples/{role}"]
        assert len(times) == rows
        assert len(set(times)) > 0.9 * rows


def test_a_folder_comes_back_from_mcap_as_it_was(recorded: Path, as_mcap: Path, tmp_path: Path) -> None:
    """Session file and truth byte for byte, rows value for value."""
    run("convert", as_mcap, tmp_path / "session")
    for name in ("session.toml", "truth.json", "truth.csv.gz"):
        assert (tmp_path / "session" / name).read_bytes() == (recorded / name).read_bytes()
    back, before = read_recording(tmp_path / "session"), read_recording(recorded)
    assert list(map(plain, back.arrivals())) == list(map(plain, before.arrivals()))


def test_odd_rows_are_kept_as_they_are(small: Path, tmp_path: Path) -> None:
    """A clock that wraps and begins again, doubled rows, an empty file: in MCAP and back, nothing is mended or lost."""
    (small / "footplate.csv.gz").write_bytes(gzip.compress(b"t_us,host_us,left_heel,left_toe,right_heel,right_toe\n"))
    before = read_recording(small)
    done = convert(small, tmp_path / "small.mcap")
    assert any("doubled" in note for note in done.notes)
    opened = open_mcap(tmp_path / "small.mcap")
    assert isinstance(opened, McapRecording)
    assert opened.notes == before.notes == done.notes
    assert (opened.name, opened.duration_s, opened.session) == ("small", 2.0, before.session)
    assert list(map(plain, opened.arrivals())) == list(map(plain, before.arrivals()))
    convert(tmp_path / "small.mcap", tmp_path / "back")
    rows = gzip.decompress((tmp_path / "back/sled.csv.gz").read_bytes()).decode().splitlines()
    assert rows[0] == IMU_HEADER
    assert rows[4] == "2704,70000,0.0,0.0,9.81,0.1,0.2,0.3"
    assert rows[5] == "5000000,80000,-0.0,1e-07,9.8066499999,0.0,0.0,123456789.125"
    assert len(rows) == 7
    assert list(map(plain, read_recording(tmp_path / "back").arrivals())) == list(map(plain, before.arrivals()))


def test_rows_of_a_file_that_is_not_in_order_are_put_in_order(tmp_path: Path) -> None:
    """In MCAP they stand as they arrived."""
    folder = small_recording(tmp_path / "small")
    (folder / "sled.csv").write_text(imu_rows((30_000, 70_000), (10_000, 50_000)))
    convert(folder, tmp_path / "small.mcap")
    opened = open_mcap(tmp_path / "small.mcap")
    assert isinstance(opened, McapRecording)
    assert [(rows.role, rows.host_us) for rows in opened.rows()] == [
        ("sled", 50_000), ("footplate", 60_000), ("sled", 70_000),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["four-faults", "strap-gives-node-restarts"])
def test_bytes_become_a_folder_of_which_the_same_is_told(name: str, tmp_path: Path) -> None:
    """By way of MCAP, through the real ingest: same reps, faults, alerts and signs; times within what a clock that is
    told by arrivals alone may differ, figures within their noise.
    """
    log = unpack(name, tmp_path)
    run("convert", log, tmp_path / f"{name}.mcap")
    assert "samples" in run("convert", tmp_path / f"{name}.mcap", tmp_path / "folders" / name)
    run("analyze", log, "--out", tmp_path / "bytes")
    run("analyze", tmp_path / "folders" / name, "--out", tmp_path / "samples")
    before, after = told(tmp_path / "bytes" / name), told(tmp_path / "samples" / name)
    for kind, keys in (
        ("rep", ("set", "rep", "counted", "assessed", "not_assessed")),
        ("alert", ("set", "rep", "kind", "side", "severity", "cue", "spoken")),
    ):
        mine, theirs = ([p for p in all_told if p["type"] == kind] for all_told in (after, before))
        assert [{key: p[key] for key in keys} for p in mine] == [{key: p[key] for key in keys} for p in theirs]
        shifts = [p["t_s"] - q["t_s"] for p, q in zip(mine, theirs, strict=True)]
        assert max(shifts, default=0.0) - min(shifts, default=0.0) < 0.021
    for mine, theirs in zip(*([p for p in x if p["type"] == "rep"] for x in (after, before)), strict=True):
        assert [(f["kind"], f["side"], f["severity"]) for f in mine["faults"]] == [
            (f["kind"], f["side"], f["severity"]) for f in theirs["faults"]
        ]
        for key in ("left_depth_deg", "right_top_deg", "mean_force_n", "eccentric_s"):
            assert mine[key] == pytest.approx(theirs[key], rel=0.01, abs=0.05)


ABOUT: dict[str, Any] = {
    "machine": "press", "seed": 7, "settings": {"id": "press", "sled_mass_kg": 140.0},
    "links": {"hub": {"kind": "native-serial"}},
}  # fmt: skip


def byte_log(path: Path, about: dict[str, Any], *entries: LogEntry) -> Path:
    """A log of these entries."""
    writer = ByteLogWriter(path, about)
    for entry in (LogEntry(5_000_000_000, "", Direction.MARK, b""), *entries):
        writer.write(entry)
    writer.close()
    return path


def test_what_a_folder_does_not_hold_is_told(tmp_path: Path) -> None:
    """Commands are counted, settings of the box's own and an unknown mass named; the folder is a sound one."""
    about = ABOUT | {"settings": {"alerts": {"language": "de"}}}
    command = b'{"command":"set_load","id":"a","ts":"2026-01-01T00:00:00Z","load_kg":80.0}'
    log = byte_log(tmp_path / "run.bytes", about, LogEntry(6_000_000_000, "", Direction.COMMAND, command))
    said = run("convert", log, tmp_path / "folder")
    assert "1 commands" in said
    assert "settings" in said
    assert "sled_mass_kg" in said
    recording = read_recording(tmp_path / "folder")
    assert recording.session.machine is not None
    assert recording.session.machine.sled_mass_kg is None
    assert (recording.session.name, recording.duration_s, recording.roles) == ("folder", 1.0, ())


def test_a_plate_that_does_not_part_heels_stays_out_of_a_folder(tmp_path: Path) -> None:
    """Left and right alone stand in two halves, of which a folder would say that heels were seen."""
    links = {side: {"kind": "ascii", "role": "footplate", "cell": side} for side in ("left", "right")}
    lines = [
        LogEntry(5_000_000_000 + i * 12_500_000, side, Direction.IN, b"%d.0\r\n" % (500 + i % 3))
        for i in range(400)
        for side in ("left", "right")
    ]
    log = byte_log(tmp_path / "run.bytes", ABOUT | {"links": links}, *lines)
    said = " ".join(convert(log, tmp_path / "folder").notes)
    assert "the footplate is left out" in said
    assert "bought sensor" in said
    assert read_recording(tmp_path / "folder").roles == ()


@pytest.mark.parametrize(("last_s", "is_cut"), [(86_400.0, False), (86_400.001, True)])
def test_a_folder_holds_a_day(last_s: float, is_cut: bool) -> None:  # noqa: FBT001
    """The format's limit; what came after is left out, and that is told."""
    nodes = NodeRows(logged_pipeline(ABOUT, Path("x")), ABOUT)
    list(nodes._heard(LogEntry(round(t_s * 1e9), "", Direction.MARK, b"") for t_s in (0.0, 5.0, last_s)))
    assert any("24 hours" in note for note in nodes.notes()) is is_cut
    assert tomllib.loads(nodes.session("x").decode())["duration_s"] == (5.0 if is_cut else last_s)


@pytest.mark.parametrize("angle", [60.0, 60.5])
def test_a_rail_that_a_folder_cannot_hold_is_refused(tmp_path: Path, angle: float) -> None:
    """The format's rails end at 60 degrees; nothing is written of a steeper one."""
    log = byte_log(tmp_path / "run.bytes", ABOUT | {"settings": {"rail_angle_deg": angle}})
    if angle <= 60.0:
        convert(log, tmp_path / "folder")
        assert read_recording(tmp_path / "folder").session.machine is not None
        return
    with pytest.raises(RecordingError, match="rail_angle_deg"):
        convert(log, tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["run.bytes"]


def rows_of_bridged() -> list[Rows]:
    """What comes of one run of samples of which two were put in."""
    nodes = NodeRows(logged_pipeline(ABOUT, Path("x")), ABOUT)
    run_of = ImuSamples("sled", np.arange(4), np.ones((4, 3)), np.ones((4, 3)), bridged=2)
    mark = LogEntry(1_000, "", Direction.MARK, b"")
    pipeline = nodes._pipeline
    pipeline.accept(1_000, run_of)
    pipeline.accept(1_000, ImuSamples("sled", np.arange(4) + 9_000_000, np.ones((4, 3)), np.ones((4, 3)), boot=1))
    return list(nodes.rows([mark, replace(mark, t_ns=20_000_000)]))


def test_samples_that_were_lost_are_absent_from_a_folder_and_a_boot_begins_lower() -> None:
    """What was put in was not measured. A node that began again is told as the format tells it; host times go up."""
    first, second = rows_of_bridged()
    assert first.host_us == 1
    assert first.device_us.tolist() == [BEGINS_US, BEGINS_US + 1]
    begins_us = BEGINS_US + 1 - RESTART_MIN_US
    assert second.device_us.tolist() == [begins_us, begins_us + 1, begins_us + 2, begins_us + 3]


@pytest.mark.parametrize("t_ns", [10_000_000, 10_000_001, 10_000_999])
def test_no_sample_of_a_folder_is_known_before_its_time(t_ns: int) -> None:
    """Nanoseconds become the next whole µs."""
    nodes = NodeRows(logged_pipeline(ABOUT, Path("x")), ABOUT)
    nodes._pipeline.accept(t_ns, ImuSamples("sled", np.arange(1), np.ones((1, 3)), np.ones((1, 3))))
    (rows,) = nodes.rows([LogEntry(9_999_999, "", Direction.MARK, b""), LogEntry(30_000_000, "", Direction.MARK, b"")])
    assert rows.host_us == (10_000 if t_ns == 10_000_000 else 10_001)


@pytest.fixture(scope="module")
def pieces(recorded: Path) -> tuple[bytes, int]:
    """An MCAP file of many small pieces, and how many rows are in it."""
    target = recorded.parent / "pieces.mcap"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edge.mcap_writer.CHUNK_BYTES", 50_000)
        convert(recorded, target)
    return target.read_bytes(), sum(len(rows.device_us) for rows in opened(target).rows())


@pytest.fixture
def in_pieces(pieces: tuple[bytes, int], tmp_path: Path) -> tuple[Path, int]:
    """The same as a file of the test's own."""
    (target := tmp_path / "pieces.mcap").write_bytes(pieces[0])
    return target, pieces[1]


def opened(path: Path) -> McapRecording:
    """An MCAP recording of samples."""
    found = open_mcap(path)
    assert isinstance(found, McapRecording)
    return found


@pytest.mark.parametrize("share", [0.3, 0.6, 0.999])
def test_a_file_that_breaks_off_is_used_up_to_there(in_pieces: tuple[Path, int], tmp_path: Path, share: float) -> None:
    """A crash or a full disk costs what comes after, and that is told; it converts and analyzes."""
    path, count = in_pieces
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    found = opened(path)
    kept = sum(len(rows.device_us) for rows in found.rows())
    assert share * count * 0.8 < kept <= count
    assert "breaks off" in found.notes[-1]
    assert "breaks off" in run("convert", path, tmp_path / "folder")
    assert sum(len(rows.device_us) for rows in read_recording(tmp_path / "folder").rows()) == kept


@pytest.mark.parametrize("where", ["content", "head"])
def test_a_damaged_piece_costs_itself_alone(in_pieces: tuple[Path, int], where: str) -> None:
    """What stands behind it is read, by the index where the piece's own length is damaged, too; it is told."""
    path, count = in_pieces
    with path.open("rb") as file:
        summary = reader.make_reader(file).get_summary()
    index = summary.chunk_indexes[len(summary.chunk_indexes) // 2]
    data = bytearray(path.read_bytes())
    at = index.chunk_start_offset + (3 if where == "head" else index.chunk_length // 2)
    data[at : at + 4] = b"\xff\xfe\xfd\xfc"
    path.write_bytes(bytes(data))
    found = opened(path)
    kept = sum(len(rows.device_us) for rows in found.rows())
    assert count * 0.9 < kept <= count
    assert (kept < count) == (where == "content")
    assert "damaged in 1 places" in found.notes[-1]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1_000_000), st.integers(0, 3), st.binary(max_size=6))
def test_any_damage_of_mcap_is_read_or_refused(place: int, cut: int, put: bytes) -> None:
    """Whatever is changed in a file, reading ends in rows or in an error of one line, in nothing else."""
    path = damaged_copy(place, cut, put)
    said = ""
    try:
        assert all(rows.host_us >= 0 for rows in opened(path).rows())
    except RecordingError as error:
        said = str(error)
    finally:
        path.unlink()
    assert "\n" not in said


def damaged_copy(place: int, cut: int, put: bytes) -> Path:
    """A small MCAP file with other bytes in one place."""
    import tempfile  # noqa: PLC0415 - hypothesis takes no function fixtures

    with tempfile.TemporaryDirectory() as parent:
        target = Path(parent) / "small.mcap"
        convert(small_recording(Path(parent) / "small"), target)
        data = target.read_bytes()
    at = place % (len(data) + 1)
    with tempfile.NamedTemporaryFile(suffix=".mcap", delete=False) as file:
        file.write(data[:at] + put + data[at + cut :])
    return Path(file.name)


def test_a_csv_that_breaks_off_is_carried_on_and_told(small: Path, tmp_path: Path) -> None:
    """Up to its last whole line; the note goes with it."""
    whole = gzip.compress(imu_rows(*((i * 10_000 + i * i % 7, i * 1_000) for i in range(1, 900))).encode())
    (small / "sled.csv").unlink()
    (small / "sled.csv.gz").write_bytes(whole[: len(whole) // 2])
    assert "breaks off" in run("convert", small, tmp_path / "small.mcap")
    assert sum(len(rows.device_us) for rows in opened(tmp_path / "small.mcap").rows()) > 100
    assert "breaks off" in run("convert", tmp_path / "small.mcap", tmp_path / "back")


def test_a_number_that_is_none_is_named_and_nothing_is_left_behind(small: Path, tmp_path: Path) -> None:
    """The line to mend, and no half of a file."""
    (small / "sled.csv").write_text(imu_rows((1, 2)) + "10,20,0,0,abc,0,0,0\n")
    with pytest.raises(RecordingError, match="line 3, column az"):
        convert(small, tmp_path / "small.mcap")
    assert not (tmp_path / "small.mcap").exists()


def test_what_cannot_be_made_is_said_in_one_line(small: Path, tmp_path: Path) -> None:
    """Samples are no bytes, a folder is a folder already, nothing is written over, a failed folder leaves nothing."""
    convert(small, tmp_path / "small.mcap")
    for source in (small, tmp_path / "small.mcap"):
        with pytest.raises(SledguardError, match="no node's bytes"):
            convert(source, tmp_path / "x.bytes")
    with pytest.raises(SledguardError, match="folder already"):
        convert(small, tmp_path / "other")
    with pytest.raises(SledguardError, match="already"):
        convert(small, tmp_path / "small.mcap")
    with pytest.raises(KeyError), new_folder(tmp_path / "other") as folder:
        folder.open_role({}["sled"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small", "small.mcap"]
    for target in (small / "sled.csv/x.mcap", small / "sled.csv/x"):
        with pytest.raises(SledguardError, match="check"):
            convert(tmp_path / "small.mcap", target)


def test_a_full_disk_is_told_and_leaves_nothing(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In MCAP as in a folder."""
    convert(small, tmp_path / "small.mcap")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("edge.mcap_writer.Channels.finish", full)
    monkeypatch.setattr("edge.sources.folder_writer.FolderWriter.write", full)
    for target in ("other.mcap", "other"):
        with pytest.raises(SledguardError, match="No space left"):
            convert(tmp_path / "small.mcap", tmp_path / target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small", "small.mcap"]


def peak_bytes(seconds: int, folder: Path) -> int:
    """Memory that converting a session of this length takes at most, there and back."""
    folder.mkdir()
    made = folder / "long"
    made.mkdir()
    text = SESSION.replace("duration_s = 2.0", f"duration_s = {seconds}").replace("footplate", "pelvis")
    (made / "session.toml").write_text(text.replace('"load"', '"imu"'))
    for role in ("sled", "pelvis"):
        (made / f"{role}.csv").write_text(imu_rows(*((i * 10_000, i * 10_000) for i in range(seconds * 100))))
    recording = read_recording(made)
    tracemalloc.start()
    with new_folder(folder / "back") as target:
        for rows in recording.rows():
            target.write(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_a_longer_session_takes_no_more_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows go through in pieces: four times the length, the same memory."""
    monkeypatch.setattr("edge.sources.sample_table.PIECE_BYTES", 50_000)
    short, long = (peak_bytes(seconds, tmp_path / str(seconds)) for seconds in (50, 200))
    assert long < 1.3 * short


def test_the_session_file_of_a_folder_made_of_bytes_is_toml(tmp_path: Path) -> None:
    """Whatever the folder is called."""
    nodes = NodeRows(logged_pipeline(ABOUT, tmp_path), ABOUT)
    table = tomllib.loads(nodes.session('a "name" \\ of Ü').decode())
    assert table["name"] == 'a "name" \\ of Ü'
    assert table["machine"]["sled_mass_kg"] == 140.0
    assert list(table["lifter"]) == ["height_m"]


def after_being_told(*lifters: Lifter) -> NodeRows:
    """A log of nothing but who was told, whose machine is configured for 1.72 m."""
    nodes = NodeRows(logged_pipeline(ABOUT, Path("x")), ABOUT)
    told = [LifterTold(id=str(i), ts="2026-01-31T12:00:00Z", lifter=one) for i, one in enumerate(lifters)]
    marks = [LogEntry(1_000, "", Direction.MARK, b""), LogEntry(1_000_000_000, "", Direction.MARK, b"")]
    commands = [LogEntry(2_000 + i, "", Direction.COMMAND, msgspec.json.encode(one)) for i, one in enumerate(told)]
    list(nodes.rows([marks[0], *commands, marks[1]]))
    return nodes


@pytest.mark.parametrize("tape_m", [None, (0.45, 0.44)])
def test_a_folder_made_of_bytes_has_the_body_that_was_told(tape_m: tuple[float, float] | None) -> None:
    """By command, once or again: it is seen with the lengths with which it was lifted."""
    lifter = Lifter(is_known=True, height_m=1.93, tape_m=tape_m)
    nodes = after_being_told(lifter, lifter)
    tape = {} if tape_m is None else {"thigh_m": tape_m[0], "shank_m": tape_m[1]}
    assert tomllib.loads(nodes.session("x").decode())["lifter"] == {"height_m": 1.93} | tape
    assert not any("command" in note for note in nodes.notes())
    known = after_being_told(msgspec.structs.replace(lifter, body=measured(0.45, 0.44, 1.93)))
    assert any("earlier sessions" in note for note in known.notes())


def test_a_folder_made_of_bytes_says_that_it_holds_one_body_only() -> None:
    """Of several who were told none is taken for all: the configured one stands there, and that is told."""
    nodes = after_being_told(Lifter(height_m=1.93), Lifter(height_m=1.6))
    assert tomllib.loads(nodes.session("x").decode())["lifter"] == {"height_m": 1.72}
    assert any(note.startswith("2 bodies were told by command") for note in nodes.notes())


def test_a_folder_made_of_bytes_says_how_long_the_legs_were_measured(tmp_path: Path) -> None:
    """As the settings had them that were logged."""
    about = ABOUT | {"settings": ABOUT["settings"] | {"thigh_m": 0.43, "shank_m": 0.42}}
    table = tomllib.loads(NodeRows(logged_pipeline(about, tmp_path), about).session("legs").decode())
    assert table["lifter"] == {"height_m": 1.72, "thigh_m": 0.43, "shank_m": 0.42}
