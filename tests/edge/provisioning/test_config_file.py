"""Sensors written into a configuration: comments stay, nothing stands twice, and what would not load is not written."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.config import load
from edge.errors import ConfigError
from edge.provisioning.config_file import Entry, machine_index, read, write
from edge.provisioning.config_text import add_link, put
from edge.samples import FOOTPLATE_CELLS

ADDRESS = "C0:98:E5:51:ED:03"
SHANK = Entry("left-shank", "native", ADDRESS, node="51ed6a2d00000103")
TWO = """\
# my gym
[[machines]]
id = "a"  # the old one
links = ["hub"]

# the new one
[[machines]]
id = "b"
links = ["x"]

[log]
# quiet
level = "warning"

[[serial]]
link = "hub"
device = "/dev/ttyACM0"

[[serial]]
link = "x"
device = "/dev/ttyACM1"
"""


def test_a_new_file_is_made_whole(tmp_path: Path) -> None:
    """Without a file, one is made that loads, with a machine whose measures are to be set."""
    path = tmp_path / "edge.toml"
    assert read(path) is None
    write(path, SHANK, 0)
    config = load(path)
    assert [(node.link, node.node) for node in config.ble] == [("left-shank", "51ed6a2d00000103")]
    assert len(config.machines) == 1
    assert "set both" in path.read_text()


def test_comments_and_the_rest_stay(tmp_path: Path) -> None:
    """Only lines of the entry are added; the link joins the list of its machine."""
    path = tmp_path / "edge.toml"
    path.write_text(TWO)
    before = path.read_text().splitlines()
    write(path, SHANK, 1)
    after = path.read_text().splitlines()
    assert [line for line in before if line not in after] == ['links = ["x"]']
    assert load(path).machines[1].links == ("x", "left-shank")
    assert "# my gym" in after
    assert 'id = "a"  # the old one' in after


def test_a_sensor_paired_again_stands_once(tmp_path: Path) -> None:
    """The same node under another name, and another node under the same name, replace what was there."""
    path = tmp_path / "edge.toml"
    write(path, SHANK, 0)
    write(path, Entry("knee", "native", ADDRESS, node="51ed6a2d00000103"), 0)
    assert [node.link for node in load(path).ble] == ["knee"]
    write(path, Entry("knee", "witmotion", "E0:12:34:56:78:9A", role="left_shank"), 0)
    assert [(n.link, n.kind, n.role, n.address) for n in load(path).ble] == [
        ("knee", "witmotion", "left_shank", "E0:12:34:56:78:9A")
    ]


def test_cells_of_a_plate_are_added_one_by_one(tmp_path: Path) -> None:
    """The file loads after each, and holds which cell it is."""
    path = tmp_path / "edge.toml"
    for number, cell in enumerate(FOOTPLATE_CELLS):
        write(path, Entry(cell.replace("_", "-"), "progressor", f"C0:98:E5:51:ED:0{number}", cell=cell), 0)
    assert [(node.kind, node.cell) for node in load(path).ble] == [("progressor", cell) for cell in FOOTPLATE_CELLS]


def test_a_place_that_is_not_the_nodes_own(tmp_path: Path) -> None:
    """It stands with the node."""
    path = tmp_path / "edge.toml"
    write(path, Entry("a", "native", ADDRESS, "51ed6a2d00000103", "right_shank"), 0)
    assert [(node.node, node.role) for node in load(path).ble] == [("51ed6a2d00000103", "right_shank")]


def test_what_would_not_load_is_not_written(tmp_path: Path) -> None:
    """An entry that makes the file wrong leaves it as it was, and says why; no other file is left behind."""
    path = tmp_path / "edge.toml"
    path.write_text('[[machines]]\n[[serial]]\nlink = "hub"\ndevice = "/dev/ttyACM0"\n')
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"edge\.toml with this sensor: .*has this name too"):
        write(path, Entry("hub", "native", ADDRESS), 0)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_rights_of_the_file_stay(tmp_path: Path) -> None:
    """A file that only its owner may read stays so."""
    path = tmp_path / "edge.toml"
    path.write_text("[[machines]]\n")
    path.chmod(0o600)
    write(path, SHANK, 0)
    assert path.stat().st_mode & 0o777 == 0o600


def test_which_machine(tmp_path: Path) -> None:
    """One machine need not be named; of several one must be."""
    path = tmp_path / "edge.toml"
    path.write_text(TWO)
    config = read(path)
    assert machine_index(config, "b") == 1
    with pytest.raises(ConfigError, match="say which with --machine, one of a, b"):
        machine_index(config, None)
    with pytest.raises(ConfigError, match="has a, b"):
        machine_index(config, "c")
    assert machine_index(None, None) == 0


def test_an_entry_replaced_in_the_middle() -> None:
    """What stands before and behind it stays in its place."""
    text = '[[ble]]\nlink = "a"\naddress = "x"\n\n# b is new\n[[ble]]\nlink = "b"\n\n[log]\n'
    out = put(text, "ble", {"link": "a", "chan": 2}, lambda table: table.get("link") == "a")
    assert out == '[[ble]]\nlink = "a"\nchan = 2\n\n# b is new\n[[ble]]\nlink = "b"\n\n[log]\n'


def test_an_empty_list_of_links_means_all_and_stays_empty() -> None:
    """Only a list that names links gets one more, and none twice."""
    assert add_link("[[machines]]\nlinks = []\n", 0, "a") == "[[machines]]\nlinks = []\n"
    once = add_link('[[machines]]\nlinks = ["b",]  # mine\n', 0, "a")
    assert once == '[[machines]]\nlinks = ["b", "a"]  # mine\n'
    assert add_link(once, 0, "a") == once
