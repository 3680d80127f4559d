"""A historian on a real broker: keeps messages in SQLite, once each, asks for holes, confirms."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from broker_tools import HOST
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.clock import monotonic_ns
from edge.history.numbers import Numbers

STEP_S = 0.1


class Store:
    """Messages by id."""

    def __init__(self, path: Path | str) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("CREATE TABLE IF NOT EXISTS kept (id TEXT PRIMARY KEY, box TEXT, seq INTEGER, payload TEXT)")
        self.taken = 0

    def keep(self, box: str, seq: int, payload: dict[str, Any]) -> None:
        self.taken += 1
        self.db.execute(
            "INSERT OR IGNORE INTO kept VALUES (?, ?, ?, ?)", (payload["id"], box, seq, json.dumps(payload))
        )

    def seqs(self) -> list[int]:
        return [row[0] for row in self.db.execute("SELECT seq FROM kept ORDER BY seq")]


class HistorianClient:
    """`run` serves until cancelled; it connects again by itself, with a clean session each time."""

    def __init__(self, port: int, store: Store) -> None:
        self.store, self.numbers = store, Numbers()
        self.asked = 0
        self._loop = asyncio.get_running_loop()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda *_: self._client.subscribe("sledguard/v1/g/#", qos=1)
        self._client.on_message = self._on_message
        self._port = port

    def _on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        if message.topic.rpartition("/")[2] not in {"echo", "confirm", "cmd"} and "/cmd/" not in message.topic:
            self._loop.call_soon_threadsafe(self._take, json.loads(message.payload))

        elif message.topic.endswith("/cmd/replay/result"):
            self._loop.call_soon_threadsafe(self._answered, message.topic.split("/")[4], json.loads(message.payload))

    def _answered(self, box: str, result: dict[str, Any]) -> None:
        self.numbers.answered(("g", box), monotonic_ns() / 1e9, ok=result["ok"])

    def _take(self, payload: dict[str, Any]) -> None:
        payload = payload["message"] if payload.get("type") == "replay" else payload
        if isinstance(seq := payload.get("seq"), int):
            self.store.keep(str(payload["box"]), seq, payload)
            self.numbers.add(("g", str(payload["box"])), seq)

    def connect(self) -> None:
        self._client.connect_async(HOST, self._port, keepalive=5)
        self._client.loop_start()

    def disconnect(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    async def run(self) -> None:
        while True:
            for (_, box), from_seq, to_seq in self.numbers.asks(monotonic_ns() / 1e9):
                self.asked += 1
                self._send(
                    f"{box}/cmd/replay",
                    {
                        "id": uuid.uuid4().hex,
                        "ts": datetime.now(UTC).isoformat(),
                        "from_seq": from_seq,
                        "to_seq": to_seq,
                    },
                )
            for (_, box), upto in self.numbers.confirms():
                self._send(f"{box}/confirm", {"upto_seq": upto})
            await asyncio.sleep(STEP_S)

    def _send(self, suffix: str, payload: dict[str, Any]) -> None:
        self._client.publish(f"sledguard/v1/g/box/{suffix}", json.dumps(payload), qos=1)


@contextlib.asynccontextmanager
async def historian(port: int, path: Path | str = ":memory:") -> AsyncIterator[HistorianClient]:
    """A historian at work."""
    client = HistorianClient(port, Store(path))
    client.connect()
    task = asyncio.create_task(client.run())
    try:
        yield client
    finally:
        task.cancel()
        await asyncio.to_thread(client.disconnect)
