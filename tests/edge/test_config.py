"""The configuration: what is refused, in which words, and the commented file that ships."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta, inspect
from msgspec.structs import FieldInfo

from edge.alerts.policy import AlertSettings
from edge.config import Config, load
from edge.config_check import bare, problems, settings_in, unit
from edge.config_reference import reference
from edge.errors import ConfigError
from edge.settings import BoxSettings, MqttSettings, SerialSettings, Settings

ROOT = Path(__file__).parents[2]


class Band(Settings, frozen=True, kw_only=True):
    """Two thresholds that make sense only together."""

    alert_deg: Annotated[float, Meta(ge=0.0, le=90.0)] = 5.0
    clear_deg: Annotated[float, Meta(gt=0.0, lt=90.0)] = 8.0

    def __post_init__(self) -> None:
        if self.clear_deg <= self.alert_deg:
            raise ValueError("clear_deg must be above alert_deg")


class Sensor(Settings, frozen=True, kw_only=True):
    role: Literal["sled", "pelvis"]
    chan: Annotated[int, Meta(ge=0)] = 0


class Machine(Settings, frozen=True, kw_only=True):
    rail_angle_deg: Annotated[float, Meta(ge=0.0, le=90.0)]
    stack_kg: Annotated[float, Meta(ge=0.0)] | None = None
    mute: bool = False
    name: str = ""
    words: tuple[str, ...] = ()
    band: Band = Band()
    sensors: tuple[Sensor, ...] = ()


class Gym(Settings, frozen=True, kw_only=True):
    machines: dict[Annotated[str, Meta(pattern="^[a-z]+$")], Machine]


def told(table: object, settings: type[msgspec.Struct] = Machine) -> list[str]:
    return [str(problem) for problem in problems(table, settings)]


def config_file(folder: Path, text: str) -> Path:
    path = folder / "edge.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_good_table_has_no_problems() -> None:
    """Whole numbers are numbers, and everything optional may be left out."""
    assert (
        told({"rail_angle_deg": 45, "band": {"alert_deg": 0, "clear_deg": 89.9}, "sensors": [{"role": "sled"}]}) == []
    )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"rail_angle_deg": 90.1}, "rail_angle_deg = 90.1: must be a number, 0 to 90 degrees"),
        ({"rail_angle_deg": -0.1}, "rail_angle_deg = -0.1: must be a number, 0 to 90 degrees"),
        ({"rail_angle_deg": float("nan")}, "rail_angle_deg = nan: must be a number, 0 to 90 degrees"),
        ({"rail_angle_deg": "45"}, 'rail_angle_deg = "45": must be a number, 0 to 90 degrees'),
        ({"rail_angle_deg": True}, "rail_angle_deg = true: must be a number, 0 to 90 degrees"),
        ({"stack_kg": float("inf")}, "stack_kg = inf: must be a number, at least 0 kg"),
        ({"stack_kg": -1}, "stack_kg = -1: must be a number, at least 0 kg"),
        ({"mute": 1}, "mute = 1: must be true or false"),
        ({"name": 3}, "name = 3: must be text"),
        ({"words": ["a", 2]}, 'words = ["a",2]: must be a list; each item is text'),
        ({"band": 5}, "[band] = 5: must be a table of keys"),
        ({"sensors": {"role": "sled"}}, 'sensors = {"role":"sled"}: must be a list; each item is a table of keys'),
        ({"sensors": [{"role": "knee"}]}, '[sensors #1] role = "knee": must be one of "pelvis", "sled"'),
        ({"sensors": [{"role": "sled"}, {"chan": 0}]}, '[sensors #2] role: missing; must be one of "pelvis", "sled"'),
        (
            {"sensors": [{"role": "sled", "chan": -1}]},
            "[sensors #1] chan = -1: must be a whole number, at least 0",
        ),
        ({"band": {"clear_deg": 0}}, "[band] clear_deg = 0: must be a number, above 0 and below 90 degrees"),
        ({"band": {"alert_deg": 8}}, "[band] clear_deg must be above alert_deg"),
        ({"rail_angel_deg": 45}, "rail_angel_deg: unknown key; did you mean rail_angle_deg?"),
        ({"band": {"x": 1}}, "[band] x: unknown key; known here: alert_deg, clear_deg"),
    ],
)
def test_each_mistake_has_its_line(change: dict[str, object], line: str) -> None:
    """One mistake gives one line: where it stands, what stands there, and what would be legal."""
    assert told({"rail_angle_deg": 45} | change) == [line]


@pytest.mark.parametrize("legal_value", [0, 90, 0.0, 90.0])
def test_limits_are_legal(legal_value: float) -> None:
    """The ends of a range belong to it."""
    assert told({"rail_angle_deg": legal_value}) == []


def test_a_missing_key_tells_what_it_may_be() -> None:
    """What has no default is asked for with its range."""
    assert told({}) == ["rail_angle_deg: missing; must be a number, 0 to 90 degrees"]


def test_names_of_sections_are_checked_too() -> None:
    """A table by name: the name itself must be legal, and its mistakes carry the name."""
    assert told({"machines": {"Press": {"rail_angle_deg": 99}}}, Gym) == [
        "[machines.Press] must be named by text matching ^[a-z]+$",
        "[machines.Press] rail_angle_deg = 99: must be a number, 0 to 90 degrees",
    ]


def test_a_long_value_is_cut() -> None:
    """A pasted page does not drown the message."""
    (line,) = told({"rail_angle_deg": "x" * 1000})
    assert len(line) < 140


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("tilt_deg", " degrees"),
        ("knee_deg_s", " degrees per second"),
        ("hold_s", " s"),
        ("v_m_s", " m/s"),
        ("port", ""),
    ],
)
def test_units_come_from_the_name(key: str, name: str) -> None:
    """The longest suffix counts: degrees per second are not seconds."""
    assert unit(key) == name


def test_ten_mistakes_give_ten_lines(tmp_path: Path) -> None:
    """All mistakes are told in one go, each line with the file's name."""
    text = """
        [box]
        gym = "My Gym"
        [mqtt]
        prot = 1883
        port = 99999
        tls = "yes"
        keepalive_s = 1.5
        password_file = "secret"
        [[serial]]
        link = "hub"
        [[serial]]
        link = "hub"
        device = 3
        [log]
        level = "loud"
    """
    path = config_file(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 10
    assert all(line.startswith(f"{path}: ") for line in lines)
    assert f"{path}: [mqtt] prot: unknown key; did you mean port?" in lines
    assert f"{path}: [mqtt] keepalive_s = 1.5: must be a whole number, 2 to 600 s" in lines
    assert f'{path}: [mqtt] password_file = "secret": needs username too' in lines
    assert f'{path}: [serial] link = "hub": given 2 times; each may stand once' in lines


@pytest.mark.parametrize("text", ["[box", 'gym = "a"\ngym = "b"', "x = "])
def test_what_is_no_toml_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    """A slip of syntax is one line with the file and the line number."""
    path = config_file(tmp_path, text)
    with pytest.raises(ConfigError, match=r"not readable as TOML: .*(line \d|end of document)"):
        load(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The error names the path, the reason and a file to start from."""
    with pytest.raises(
        ConfigError, match=r"none\.toml: cannot be read \(No such file or directory\); config/edge\.toml"
    ):
        load(tmp_path / "none.toml")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are refused in the same way."""
    path = tmp_path / "edge.toml"
    path.write_bytes(b'[box]\ngym = "\xff"\n')
    with pytest.raises(ConfigError, match="not readable as TOML"):
        load(path)


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    """Nothing is asked for that has a sensible default."""
    assert load(config_file(tmp_path, "")) == Config()


def test_values_arrive(tmp_path: Path) -> None:
    """What the file says is what the settings hold."""
    text = (
        '[box]\nid = "b1"\n[mqtt]\nport = 8883\ntls = true\nca_file = "ca.pem"\n[[serial]]\nlink = "l"\ndevice = "/d"\n'
    )
    assert load(config_file(tmp_path, text)) == Config(
        box=BoxSettings(id="b1"),
        mqtt=MqttSettings(port=8883, tls=True, ca_file="ca.pem"),
        serial=(SerialSettings(link="l", device="/d"),),
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[mqtt]\ncert_file = "c"\ntls = true', 'cert_file = "c": needs key_file too'),
        ('[mqtt]\nkey_file = "k"', 'key_file = "k": needs cert_file too'),
        ('[mqtt]\nca_file = "c"', 'ca_file = "c": has no effect without tls = true'),
        ('[mqtt]\nhost = "b"\ntls = false\nca_file = "c"', 'ca_file = "c": has no effect without tls = true'),
        ('[log]\nraw_bytes_dir = "r"\nmcap_dir = "m"', "[log] mcap_dir: holds the same as raw_bytes_dir; give one"),
    ],
)
def test_what_makes_sense_only_together(tmp_path: Path, text: str, line: str) -> None:
    """Half a login or a certificate without TLS is a mistake, not a choice."""
    with pytest.raises(ConfigError, match=re.escape(line)):
        load(config_file(tmp_path, text))


def test_another_host_is_encrypted_unless_told_otherwise(tmp_path: Path) -> None:
    """A broker elsewhere may be given its authority alone: TLS is on for it already."""
    assert load(config_file(tmp_path, '[mqtt]\nhost = "broker.gym.lan"\nca_file = "c"')).mqtt.ca_file == "c"


def test_signs_may_be_muted_as_faults_may(tmp_path: Path) -> None:
    """What is said to be legal is what is taken."""
    text = '[[machines]]\n[machines.alerts]\nmuted = ["bounce", "lockout"]\n'
    assert load(config_file(tmp_path, text)).machines[0].alerts.muted == ("bounce", "lockout")
    with pytest.raises(ConfigError, match=r'one of "heel_lift".*"bounce"'):
        load(config_file(tmp_path, text.replace("bounce", "bouncy")))


LINE = '[[serial]]\nlink = "hub"\ndevice = "/dev/ttyACM0"\n'
PRESS = '[[machines]]\nid = "press-1"\nrail_angle_deg = 45\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (PRESS + 'links = ["hbu"]', '[machines #1] links = "hbu": no [[serial]] or [[ble]] table has this link'),
        (
            PRESS + 'links = ["hub"]\n[[machines]]\nlinks = ["hub"]',
            '[machines #2] links = "hub": another machine has this link too',
        ),
        (
            PRESS + 'links = ["hub"]\n[[machines]]',
            "[machines #2] links: missing; with several machines, each must name its links",
        ),
        (
            PRESS + 'links = ["hub"]\n[[serial]]\nlink = "spare"\ndevice = "/dev/ttyACM1"',
            '[serial #2] link = "spare": no machine has it in its links',
        ),
        (PRESS + '[[buzzers]]\nmachine = "pres"', '[buzzers #1] machine = "pres": no [[machines]] has this id'),
        (
            PRESS + '[[machines.nodes]]\nnode = "00000000000000a1"',
            '[machines #1.nodes] node = "00000000000000a1": must authenticate, which needs [box] node_keys_file',
        ),
        (PRESS + 'lifter = "k7f3"', '[machines #1] lifter = "k7f3": no [lifters.k7f3] table'),
        ('[[machines]]\nid = "Press"', '[machines #1] id = "Press": must be text of a-z, 0-9, _ and -, 1 to 64 long'),
        ("[[machines]]\n[[machines]]", '[machines] id = "legpress": given 2 times; each may stand once'),
        ("[machines]\nx = 1", 'machines = {"x":1}: must be a list; each item is a table of keys'),
        (PRESS + "[lifters.k7f3]\nheight_m = 3", "[lifters.k7f3] height_m = 3: must be a number, 1.2 to 2.3 m"),
        (
            PRESS + "[lifters.k7f3]\nrail_angle_deg = 3",
            "[lifters.k7f3] rail_angle_deg: unknown key; known here: height_m",
        ),
        (
            PRESS + "[machines.faults.lockout]\nalert_deg = 8.0",
            "[machines #1.faults.lockout] clear_deg = 8: must be above alert_deg, 8",
        ),
        (
            PRESS + "[lifters.k7f3.faults.valgus]\nclear_mm = 40",
            "[lifters.k7f3] on machine press-1: clear_mm = 40: must be below alert_mm, 31",
        ),
        (
            PRESS + "[lifters.k7f3.alerts]\nmin_confidence = 2",
            "[lifters.k7f3.alerts] min_confidence = 2: must be a number, 0 to 1",
        ),
    ],
)
def test_machines_lines_and_lifters_must_go_together(tmp_path: Path, text: str, line: str) -> None:
    """Names that lead nowhere, lines shared by two machines and lifters' tables are checked."""
    with pytest.raises(ConfigError, match=re.escape(line)):
        load(config_file(tmp_path, LINE + text))


NODE = '[[ble]]\nlink = "knee"\nnode = "51ed6a2d00000103"\n'


def test_bluetooth_nodes_arrive(tmp_path: Path) -> None:
    """A node by its id and one by its address, on a machine that names their links."""
    text = NODE + '[[ble]]\nlink = "hip"\naddress = "C0:98:E5:51:ED:01"\n' + PRESS + 'links = ["knee", "hip"]'
    config = load(config_file(tmp_path, text))
    assert [(node.link, node.node, node.address, node.kind) for node in config.ble] == [
        ("knee", "51ed6a2d00000103", None, "native"),
        ("hip", None, "C0:98:E5:51:ED:01", "native"),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[[ble]]\nlink = "knee"', "[ble #1] address: missing, and node too"),
        (NODE + NODE, '[ble] link = "knee": given 2 times'),
        (NODE + NODE.replace("knee", "hip"), '[ble] node = "51ed6a2d00000103": given 2 times'),
        (LINE + NODE.replace("knee", "hub"), '[ble #1] link = "hub": a [[serial]] line has this name too'),
        (NODE + 'kind = "native-serial"', '[ble #1] address: missing; "native-serial" does not tell its node\'s id'),
        (NODE + 'kind = "movesense"', "[ble #1] role: a movesense needs one of"),
        ('[[ble]]\nlink = "knee"\naddress = "C0:98:e5"', "must be six pairs of digits 0-9 and A-F, with colons"),
        (NODE + 'adapter = "usb0"', 'adapter = "usb0": must be hci0, hci1, and so on'),
    ],
)
def test_a_bluetooth_node_must_be_known_once(tmp_path: Path, text: str, line: str) -> None:
    """A node has an address or an id, and a name of its own."""
    with pytest.raises(ConfigError, match=re.escape(line)):
        load(config_file(tmp_path, text))


CELL = '[[ble]]\nlink = "c{0}"\naddress = "C0:98:E5:51:ED:0{0}"\nkind = "progressor"\n{1}\n'


def cells(*names: str) -> str:
    return "".join(CELL.format(index, f'cell = "{name}"') for index, name in enumerate(names)) + PRESS


def test_bought_load_cells_arrive(tmp_path: Path) -> None:
    """Each is one cell of the plate, pushing either way; a plate that is not whole yet loads, for more to be added."""
    scale = '[[serial]]\nlink = "s"\ndevice = "/dev/ttyUSB0"\nkind = "ascii"\nbaud = 9600\n'
    scale += 'cell = "right_heel"\nreversed = true\n'
    config = load(config_file(tmp_path, scale + cells("left_heel", "left_toe")))
    assert [(node.kind, node.cell, node.reversed) for node in config.ble] == [
        ("progressor", "left_heel", False),
        ("progressor", "left_toe", False),
    ]
    assert (config.serial[0].cell, config.serial[0].reversed) == ("right_heel", True)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (CELL.format(0, "") + PRESS, '[ble #1] cell: a progressor needs one of "left_heel"'),
        (CELL.format(0, 'cell = "heel"') + PRESS, '[ble #1] cell = "heel": must be one of'),
        (CELL.format(0, 'cell = "left"\nrole = "sled"') + PRESS, '[ble #1] role = "sled": which cell it is tells'),
        (NODE + 'cell = "left"\n', '[ble #1] cell = "left": is for progressor and ascii'),
        (NODE + "reversed = true\n", "[ble #1] reversed = true: is for progressor and ascii"),
        (
            cells("left", "left_heel"),
            "[machines #1] links: no footplate is made of left, left_heel, but of",
        ),
        (cells("plate", "left"), "no footplate is made of left, plate"),
        (cells("left", "right", "left"), '2 of them have cell = "left"; each may stand once'),
    ],
)
def test_cells_that_cannot_be_a_plate(tmp_path: Path, text: str, line: str) -> None:
    """A cell is named, once, beside others that it goes with."""
    with pytest.raises(ConfigError, match=re.escape(line)):
        load(config_file(tmp_path, text))


SENSOR = '[[machines.sensors]]\nrole = "{role}"\nnode = "00000000000000{node}"\nchan = {chan}\n'


def sensors(*places: tuple[str, str, int]) -> str:
    return LINE + PRESS + "".join(SENSOR.format(role=role, node=node, chan=chan) for role, node, chan in places)


def test_load_cells_share_a_role_on_different_channels(tmp_path: Path) -> None:
    """Four channels of one node may all be the footplate."""
    config = load(config_file(tmp_path, sensors(*(("footplate", "0a", chan) for chan in range(1, 5)))))
    assert len(config.machines[0].sensors) == 4


@pytest.mark.parametrize(
    ("places", "line"),
    [
        ([("sled", "0a", 1), ("pelvis", "0a", 1)], 'chan = 1: node "000000000000000a" has it 2 times here'),
        ([("sled", "0a", 1), ("sled", "0b", 1)], 'role = "sled": given 2 times; each may stand once'),
        ([("sled", "0g", 1)], 'node = "000000000000000g": must be 16 digits of 0-9 and a-f'),
    ],
)
def test_a_place_is_taken_once(tmp_path: Path, places: list[tuple[str, str, int]], line: str) -> None:
    """One channel plays one role, and an inertial role has one channel."""
    with pytest.raises(ConfigError, match=re.escape(line)):
        load(config_file(tmp_path, sensors(*places)))


def test_a_lifters_table_is_laid_over_the_machines(tmp_path: Path) -> None:
    """What the lifter's table says counts, everything else stays the machine's; another lifter is not touched."""
    text = (
        LINE + PRESS + 'height_m = 1.9\nlifter = "k7f3"\n[machines.alerts]\nfocus = "body"\nmin_confidence = 0.7\n'
        '[lifters.k7f3.alerts]\nmuted = ["heel_lift"]\nmin_confidence = 0.8\n[lifters.b2]\nheight_m = 1.6\n'
    )
    config = load(config_file(tmp_path, text))
    named, other = config.machine("press-1"), config.machine("press-1", lifter="b2")
    assert (named.height_m, named.rail_angle_deg) == (1.9, 45.0)
    assert named.alerts == AlertSettings(focus="body", min_confidence=0.8, muted=("heel_lift",))
    assert (other.height_m, other.alerts.min_confidence, other.alerts.muted) == (1.6, 0.7, ())


def test_the_file_that_ships_is_the_reference() -> None:
    """config/edge.toml is what the types say; renew it with: make generated"""
    assert (ROOT / "config/edge.toml").read_text("utf-8") == reference()


def test_the_file_that_ships_loads() -> None:
    """As it is, config/edge.toml is a configuration."""
    load(ROOT / "config/edge.toml")


def test_every_line_of_the_reference_may_be_taken_in(tmp_path: Path) -> None:
    """With every # before a key taken away, defaults and examples alike are legal together."""
    text = re.sub(r"(?m)^#(?=\w+ = |\[)", "", reference())
    text = text.replace("tls = false", "tls = true")
    text = re.sub(r"(?m)^(cell|reversed) = .*", "", text)  # of load cells, which the examples are not
    text = re.sub(r"(?m)^raw_bytes_dir = .*", "", text)  # or mcap_dir: one of both
    load(config_file(tmp_path, text))


def values_of(settings: type[msgspec.Struct]) -> Iterator[FieldInfo]:
    """Every plain value in these settings and all settings below them."""
    for field in msgspec.structs.fields(settings):
        info = bare(inspect.type_info(field.type))
        inner = settings_in(getattr(info, "item_type", None) or getattr(info, "value_type", None) or info)
        if inner:
            yield from values_of(inner[0])
        else:
            yield field


@pytest.mark.parametrize("field", list(values_of(Config)), ids=lambda field: field.name)
def test_the_reference_tells_of_every_key(field: FieldInfo) -> None:
    """Each key stands there, under a comment that says what it may be, in which unit, and its default."""
    lines = reference().splitlines()
    comments = [" ".join(lines[i - 4 : i]) for i, line in enumerate(lines) if re.match(rf"#?{field.name} = ", line)]
    assert any(re.search("; (default .*|no default: must be set|not set by default)[.]", text) for text in comments)
    assert all(re.search(rf"{unit(field.name)}[;,]", text) for text in comments if "; default" in text)


def test_described_settings_have_no_empty_words() -> None:
    """No key of the reference lacks its description."""
    assert "# None" not in reference()
