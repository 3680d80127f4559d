"""Recordings: what is read, in which order, and what each kind of damage says."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recording_fixture import IMU_HEADER, SESSION, imu_rows, small_recording

from edge.errors import RecordingError
from edge.pipelines import recorded_settings
from edge.samples import ImuSamples, LoadSamples
from edge.sources.arrivals import ClockReadings
from edge.sources.recording import read_recording


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small sound recording: two sled batches and one footplate batch between them."""
    return small_recording(tmp_path / "small")


def refusal(folder: Path) -> str:
    """The text of the error that reading raises: one line."""
    with pytest.raises(RecordingError) as caught:
        read_recording(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_arrivals_come_in_host_order_in_their_batches(folder: Path) -> None:
    """Rows of one host time are one arrival, and files are merged by host time."""
    recording = read_recording(folder)
    arrivals = list(recording.arrivals())
    assert [(a.t_ns, a.samples.role, len(a.samples.device_us)) for a in arrivals] == [
        (50_000_000, "sled", 2), (60_000_000, "footplate", 1), (70_000_000, "sled", 1),
    ]  # fmt: skip
    assert recording.name == "small"
    assert recording.notes == ()
    assert recording.session.machine is not None
    assert recording.session.machine.rail_angle_deg == 45.0


def test_samples_carry_role_clock_and_si_values(folder: Path) -> None:
    """IMU columns split into acc and gyr, load columns keep the order of the cells."""
    imu, plate, _ = (a.samples for a in read_recording(folder).arrivals())
    assert isinstance(imu, ImuSamples)
    assert imu.acc_m_s2.tolist() == [[0, 0, 9.81]] * 2
    assert imu.gyr_rad_s.tolist() == [[0.1, 0.2, 0.3]] * 2
    assert imu.device_us.dtype == np.int64
    assert isinstance(plate, LoadSamples)
    assert plate.force_n.tolist() == [[1, 2, 3, 4]]


def test_same_instant_keeps_the_order_of_the_session_file(folder: Path) -> None:
    """Arrivals of one host time come in the order in which the sensors are declared."""
    (folder / "sled.csv").write_text(imu_rows((10_000, 60_000)))
    assert [a.samples.role for a in read_recording(folder).arrivals()] == ["sled", "footplate"]


def test_late_rows_are_sorted_by_host_time(folder: Path) -> None:
    """A file that is not in host order is played in host order."""
    (folder / "sled.csv").write_text(imu_rows((30_000, 70_000), (10_000, 50_000)))
    sled = [a.t_ns for a in read_recording(folder).arrivals() if a.samples.role == "sled"]
    assert sled == [50_000_000, 70_000_000]


def test_restart_gives_a_new_boot(folder: Path) -> None:
    """t_us that begins again near zero is a new boot, even inside one host time."""
    (folder / "sled.csv").write_text(imu_rows((5_000_000, 50_000), (5_010_000, 50_000), (2_000, 50_000)))
    sled = [a.samples for a in read_recording(folder).arrivals() if a.samples.role == "sled"]
    assert [(s.boot, s.device_us.tolist()) for s in sled] == [(0, [5_000_000, 5_010_000]), (1, [2_000])]


def test_doubled_and_older_rows_are_left_out_and_told(folder: Path) -> None:
    """A row that is not newer than what came before in its boot is dropped, with a note."""
    (folder / "sled.csv").write_text(imu_rows((10_000, 50_000), (10_000, 60_000), (9_000, 60_000), (20_000, 70_000)))
    recording = read_recording(folder)
    sled = [a.samples.device_us.tolist() for a in recording.arrivals() if a.samples.role == "sled"]
    assert sled == [[10_000], [20_000]]
    assert any("2 rows" in note for note in recording.notes)


@pytest.mark.parametrize(("fall_us", "boots"), [(999_999, [0, 0]), (1_000_000, [0, 1])])
def test_restart_boundary(fall_us: int, boots: list[int]) -> None:
    """A clock that falls by a second began again; by a µs less it is an old row."""
    _, boot, keep = ClockReadings().take(np.array([2_000_000, 2_000_000 - fall_us]), np.array([0, 10_000]))
    assert boot.tolist() == boots
    assert keep.tolist() == [True, boots[1] == 1]


def test_32_bit_wrap_is_no_restart() -> None:
    """A fall that 2**32 µs explains, as the host's clock shows, goes on in the same boot; later rows too."""
    device = np.array([2**32 - 5_000, 5_000, 15_000])
    unwrapped, boot, keep = ClockReadings().take(device, np.array([0, 10_000, 20_000]))
    assert unwrapped.tolist() == [2**32 - 5_000, 2**32 + 5_000, 2**32 + 15_000]
    assert boot.tolist() == [0, 0, 0]
    assert keep.all()


def test_missing_role_and_empty_file_are_notes(folder: Path) -> None:
    """A sensor without a file or without rows is silent, not an error."""
    (folder / "sled.csv").unlink()
    (folder / "footplate.csv.gz").write_bytes(b"")
    recording = read_recording(folder)
    assert list(recording.arrivals()) == []
    assert len(recording.notes) == 2
    assert recording.duration_s == 2.0


def test_truncated_gzip_is_used_up_to_its_last_whole_line(folder: Path) -> None:
    """A gzip file that breaks off gives the lines that were whole, and a note."""
    (folder / "sled.csv").unlink()
    rows = [(i * 10_000 + i * i % 7, i * 9_999 % 50_000 + 1_000 * i) for i in range(1, 1000)]
    whole = gzip.compress(imu_rows(*rows).encode())
    (folder / "sled.csv.gz").write_bytes(whole[: len(whole) // 2])
    recording = read_recording(folder)
    count = sum(len(a.samples.device_us) for a in recording.arrivals() if a.samples.role == "sled")
    assert 100 < count < 900
    assert any("breaks off" in note for note in recording.notes)


def test_plain_file_cut_in_a_line_is_used_up_to_it(folder: Path) -> None:
    """A plain file whose last line has too few fields is used without that line."""
    text = imu_rows((10_000, 50_000), (20_000, 60_000))
    (folder / "sled.csv").write_text(text[:-20])
    recording = read_recording(folder)
    assert sum(a.samples.role == "sled" for a in recording.arrivals()) == 1
    assert any("breaks off" in note for note in recording.notes)


def test_byte_order_mark_and_crlf_are_read(folder: Path) -> None:
    """Files saved by a spreadsheet on Windows are read as any other."""
    (folder / "sled.csv").write_bytes(b"\xef\xbb\xbf" + imu_rows((10_000, 50_000)).replace("\n", "\r\n").encode())
    assert sum(a.samples.role == "sled" for a in read_recording(folder).arrivals()) == 1


def test_truth_is_never_opened(folder: Path) -> None:
    """Truth files that cannot be read do not matter: nobody opens them."""
    (folder / "truth.json").mkdir()
    (folder / "truth.csv.gz").mkdir()
    assert len(list(read_recording(folder).arrivals())) == 3


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1,2,0,0,9.81,0,0\n1,2,0,0,9.81,0,0,0\n", "line 2: 7 fields instead of 8"),
        ("10,20,0,0,9.81,0,0,0\n20,30,0,0,abc,0,0,0\n", "line 3, column az: 'abc' is no number"),
        ("10,20,0,0,,0,0,0\n", "line 2, column az: '' is no number"),
        ("\n10,20,0,0,nan,0,0,0\n", "line 3, column az: nan must be a finite number"),
        ("10.5,20,0,0,9.81,0,0,0\n", "column t_us: 10.5 must be a whole number"),
        ("10,-1,0,0,9.81,0,0,0\n", "column host_us: -1 must be a whole number"),
        ("10,62000001,0,0,9.81,0,0,0\n", "column host_us: 62000001 must be a whole number of µs from 0 to 62000000"),
    ],
)
def test_bad_rows_name_line_and_column(folder: Path, rows: str, said: str) -> None:
    """A bad value is refused with file, line and column."""
    (folder / "sled.csv").write_text(IMU_HEADER + "\n" + rows)
    text = refusal(folder)
    assert "sled.csv" in text
    assert said in text


def test_wrong_header_is_refused(folder: Path) -> None:
    """A header with other columns is refused, with the columns that must be there."""
    (folder / "sled.csv").write_text("t_us,host_us,ax,ay,az\n1,2,3,4,5\n")
    assert "must be t_us,host_us,ax,ay,az,gx,gy,gz" in refusal(folder)


def test_damaged_gzip_is_refused(folder: Path) -> None:
    """A gzip file with changed bytes, or no gzip at all, is refused."""
    whole = bytearray((folder / "footplate.csv.gz").read_bytes())
    whole[-6] ^= 0xFF
    (folder / "footplate.csv.gz").write_bytes(bytes(whole))
    assert "footplate.csv.gz" in refusal(folder)
    (folder / "footplate.csv.gz").write_bytes(b"hello, no gzip")
    assert "footplate.csv.gz" in refusal(folder)


def test_binary_file_is_refused(folder: Path) -> None:
    """Bytes that are no text are refused."""
    (folder / "sled.csv").write_bytes(b"\x80\xff\x00\x01")
    assert "not text" in refusal(folder)


def test_two_files_for_one_role_are_refused(folder: Path) -> None:
    """It is not guessed which of two files is meant."""
    (folder / "footplate.csv").write_text("t_us,host_us,left_heel,left_toe,right_heel,right_toe\n")
    assert "both" in refusal(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("format = 1", "format = 2", "format is 2"),
        ("format = 1\n", "", "format"),
        ("duration_s = 2.0", "duration_s = 0", "duration_s"),
        ("duration_s = 2.0", "duration_s = 'x'", "duration_s"),
        ("rail_angle_deg = 45.0", "rail_angle_deg = 61", "rail_angle_deg"),
        ("height_m = 1.8", "height_m = 180", "height_m"),
        ("height_m = 1.8", "height_m = 1.8\nthigh_m = 0.44", "thigh_m without shank_m"),
        ("height_m = 1.8", "height_m = 1.8\nthigh_m = 0.44\nshank_m = 44", "shank_m"),
        ('kind = "load"', 'kind = "imu"', "footplate has kind 'imu'"),
        ('role = "footplate"\nkind = "load"', 'role = "sled"\nkind = "imu"', "declared twice"),
        ("rate_hz = 80.0", "rate_hz = 0", "rate_hz"),
        ("[machine]", "[machine", "TOML"),
    ],
)
def test_bad_session_is_refused(folder: Path, old: str, new: str, said: str) -> None:
    """A wrong value in session.toml is refused with its key."""
    assert old in SESSION
    (folder / "session.toml").write_text(SESSION.replace(old, new))
    text = refusal(folder)
    assert "session.toml" in text
    assert said in text


def test_all_that_is_wrong_is_told_in_the_words_of_the_file(folder: Path) -> None:
    """Section, key, and what would be legal, for every mistake; keys that are not known are none."""
    wrong = SESSION.replace("rail_angle_deg = 45.0", "maker = 1").replace("height_m = 1.8", "height_m = 180")
    (folder / "session.toml").write_text(wrong)
    text = refusal(folder)
    assert "[machine] rail_angle_deg: missing; must be a number, 0 to 60 degrees" in text
    assert "[lifter] height_m = 180: must be a number, 1.2 to 2.3 m" in text
    assert "maker" not in text


@pytest.mark.parametrize("height", ["1.2", "2.3"])
def test_what_a_recording_may_say_a_machine_may_too(folder: Path, height: str) -> None:
    """Values at the limits of session.toml make settings."""
    (folder / "session.toml").write_text(SESSION.replace("height_m = 1.8", f"height_m = {height}"))
    assert recorded_settings(read_recording(folder)).height_m == float(height)


@pytest.mark.parametrize("length", ["0.25", "0.65"])
def test_measured_legs_become_settings(folder: Path, length: str) -> None:
    """Thigh and shank of session.toml, at the limits of what legs can be, are the machine's; without them, none."""
    assert recorded_settings(read_recording(folder)).tape_m is None
    legs = f"height_m = 1.8\nthigh_m = {length}\nshank_m = 0.4"
    (folder / "session.toml").write_text(SESSION.replace("height_m = 1.8", legs))
    assert recorded_settings(read_recording(folder)).tape_m == (float(length), 0.4)


@pytest.mark.parametrize("angle", ["0", "60"])
def test_rail_angle_limits_are_legal(folder: Path, angle: str) -> None:
    """Rails from 0 to 60 degrees are taken, both limits included."""
    (folder / "session.toml").write_text(SESSION.replace("rail_angle_deg = 45.0", f"rail_angle_deg = {angle}"))
    read_recording(folder)


def test_unknown_role_and_absent_machine_are_read(folder: Path) -> None:
    """A role that is not known is noted; machine and lifter may be absent."""
    text = SESSION[: SESSION.index("[machine]")] + SESSION[SESSION.index("[[sensors]]") :]
    (folder / "session.toml").write_text(text + '[[sensors]]\nrole = "left_foot"\nkind = "imu"\nrate_hz = 100\n')
    recording = read_recording(folder)
    assert recording.session.machine is None
    assert any("left_foot" in note for note in recording.notes)


def test_no_folder_and_no_session_file(tmp_path: Path) -> None:
    """A path that is no recording says what a recording is."""
    assert "no such recording folder" in refusal(tmp_path / "nowhere")
    assert "session.toml" in refusal(tmp_path)


NAMES = ("session.toml", "sled.csv", "footplate.csv.gz")


@settings(max_examples=150)
@given(st.sampled_from(NAMES), st.integers(0, 10_000), st.integers(0, 3), st.binary(min_size=1, max_size=6))
def test_any_damage_is_read_or_refused(name: str, place: int, cut: int, put: bytes) -> None:
    """Whatever is changed in a file, reading ends in arrivals or in a RecordingError of one line, in nothing else."""
    with tempfile.TemporaryDirectory() as parent:
        made = small_recording(Path(parent) / "small")
        raw = (made / name).read_bytes()
        at = place % (len(raw) + 1)
        (made / name).write_bytes(raw[:at] + put + raw[at + cut :])
        said = ""
        try:
            assert all(arrival.t_ns >= 0 for arrival in read_recording(made).arrivals())
        except RecordingError as error:
            said = str(error)
        assert "\n" not in said
