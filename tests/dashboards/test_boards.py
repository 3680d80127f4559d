"""What is given for other tools: every query runs on a real history; every path and every entity is one of ours."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import lifted
import msgspec
import pytest
from example_events import ALERT, NOTICE, SENSOR, SET
from published import messages, state

from edge.events import AnyEvent
from edge.history.received import FromMachine, read
from edge.history.store import Store, sqlite_url
from edge.publishers.home_assistant import discovery

BOARDS = Path(__file__).parents[2] / "dashboards"
GRAFANA = sorted((BOARDS / "grafana").glob("*.json"))
EVENTS = {kind.__struct_config__.tag: kind for kind in AnyEvent.__args__}
FOXGLOVE = json.loads((BOARDS / "foxglove" / "session.json").read_text("utf-8"))
MAY_BE_EMPTY = {"Cues that lifters called right"}


def panels() -> list[Any]:
    return [
        pytest.param(board, panel, id=f"{path.stem}-{panel['title']}")
        for path in GRAFANA
        for board in [json.loads(path.read_text("utf-8"))]
        for panel in board["panels"]
    ]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sets' worth of all that a board shows."""
    path = tmp_path_factory.mktemp("history") / "history.sqlite"
    store = Store(sqlite_url(path))
    events: list[AnyEvent] = [lifted.rep(number, 100.0) for number in range(1, 9)]
    events += [*lifted.alerts(3, 100.0), *lifted.alerts(5, 100.0), state(t_s=100.0), ALERT]
    events += [msgspec.structs.replace(SET, session="s-1", t_s=140.0), SENSOR, NOTICE]
    events.append(msgspec.structs.replace(SENSOR, role="pelvis", connected=False, problem="silent", t_s=141.0))
    for i, event in enumerate(events):
        for topic, payload in messages(event):
            body = msgspec.json.decode(payload) | {"id": f"{i}-{topic}"[-64:]}
            message = read(topic, msgspec.json.encode(body), retained=False)
            assert isinstance(message, FromMachine)
            store.write([message])
    store.close()
    return path


def filled(sql: str) -> str:
    """As Grafana fills it in for all machines and a time that holds everything."""
    sql = sql.replace("$__from", "0").replace("$__to", "4102444800000").replace("${machine:sqlstring}", "'press-1'")
    assert not re.search(r"\$[\w{]", sql), "a variable that Grafana does not know"
    return sql


@pytest.mark.parametrize(("board", "panel"), panels())
def test_a_panel_shows_something(board: dict[str, Any], panel: dict[str, Any], history: Path) -> None:
    """Its query runs on the history's tables and gives rows; a series has a time that falls into the board's."""
    assert board["uid"].startswith("sledguard-")
    (target,) = panel["targets"]
    with sqlite3.connect(history) as connection:
        cursor = connection.execute(filled(target["rawQueryText"]))
        names, rows = [column[0] for column in cursor.description], cursor.fetchall()
    assert rows or panel["title"] in MAY_BE_EMPTY
    if panel["title"] not in MAY_BE_EMPTY:
        assert all(any(row[i] is not None for row in rows) for i in range(len(names)))
    if target["queryType"] == "time series":
        assert names[0] == "time"
        assert all(isinstance(row[0], int) and row[0] > 1_500_000_000 for row in rows)
        assert [row[0] for row in rows] == sorted(row[0] for row in rows)
        assert isinstance(rows[0][-1], int | float)


@pytest.mark.parametrize("path", GRAFANA, ids=lambda path: path.stem)
def test_panels_do_not_lie_over_each_other(path: Path) -> None:
    """24 columns, each field taken once."""
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(path.read_text("utf-8"))["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(place["x"] + i, place["y"] + j) for i in range(place["w"]) for j in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_boards_and_their_data_source_name_each_other() -> None:
    """The one uid in the provisioned source, every panel and every variable."""
    provisioned = (BOARDS / "grafana" / "provisioning" / "datasources" / "sledguard.yaml").read_text("utf-8")
    (uid,) = re.findall(r"uid: (\S+)", provisioned)
    for path in GRAFANA:
        found = re.findall(r'"type": "frser-sqlite-datasource",\s+"uid": "([^"]+)"', path.read_text("utf-8"))
        assert len(found) > 10
        assert set(found) == {uid}


def paths_of(config: dict[str, Any]) -> list[str]:
    return [*(one["value"] for one in config.get("paths", [])), *filter(None, [config.get("topicPath")])]


def test_every_foxglove_path_is_in_the_recordings() -> None:
    """Topic `events/{type}` and, behind the point, a field of that event; or a number, which is a line."""
    paths = [path for config in FOXGLOVE["configById"].values() for path in paths_of(config)]
    assert len(paths) > 15
    for path in paths:
        if re.fullmatch(r"[\d.]+", path):
            continue
        topic, _, name = path.partition(".")
        kind = EVENTS[topic.removeprefix("events/")]
        assert not name or name in {one.encode_name for one in msgspec.structs.fields(kind)}, path


def test_every_foxglove_panel_has_its_place() -> None:
    """The layout names each configured panel once."""

    def leaves(node: Any) -> list[str]:
        return [node] if isinstance(node, str) else [*leaves(node["first"]), *leaves(node["second"])]

    assert sorted(leaves(FOXGLOVE["layout"])) == sorted(FOXGLOVE["configById"])


def test_every_home_assistant_entity_is_discovered() -> None:
    """Each card's entity is one that discovery makes for the machine that the file names."""
    text = (BOARDS / "home_assistant" / "leg-press.yaml").read_text("utf-8")
    named = set(re.findall(r"entity: (\w+\.\w+)", text))
    made = discovery("gym", "sledguard/v1/gym/box/b", "press", "sledguard/v1/gym/machine/press", "component")
    entities = {f"{message.topic.split('/')[1]}.{message.body['object_id']}" for message in made}
    assert len(named) > 15
    assert named <= entities
