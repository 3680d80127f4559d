"""The secrets file: the authentication keys of nodes, readable by their owner alone, never shown or logged.

```toml
[nodes]
a1b2c3d4e5f60718 = "32 hexadecimal digits"
```
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from edge.errors import ConfigError
from edge.secret_files import read_secret, write_secret
from firmware_protocol.auth import KEY_SIZE

_NODE_ID = re.compile("[0-9a-f]{16}")


def load_keys(path: Path) -> dict[str, bytes]:
    """Node id (16 hex digits) to key. Raises ConfigError, whose text never holds any part of a key."""
    try:
        text = read_secret(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'not text'}); check the path"
        ) from None
    try:
        nodes = tomllib.loads(text).get("nodes", {})
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line \d+", str(error))
        raise ConfigError(f"{path}: no valid TOML ({line[0] if line else 'at its end'})") from None
    if not isinstance(nodes, dict):
        raise ConfigError(f"{path}: [nodes] is to be a table of node ids and keys")
    return {node_id: _key(path, node_id, value) for node_id, value in nodes.items()}


def _key(path: Path, node_id: str, value: object) -> bytes:
    if not _NODE_ID.fullmatch(node_id):
        raise ConfigError(f"{path}: {node_id!r} is no node id: 16 digits of 0-9 and a-f")
    if not isinstance(value, str) or not re.fullmatch(f"[0-9a-fA-F]{{{2 * KEY_SIZE}}}", value):
        raise ConfigError(f"{path}: the key of node {node_id} is to have {2 * KEY_SIZE} hexadecimal digits")
    return bytes.fromhex(value)


def store_keys(path: Path, keys: dict[str, bytes]) -> None:
    """Writes the file anew, for its owner alone; a reader sees either the old file or the new one."""
    lines = ["# Keys of nodes. Keep this file secret: chmod 600.", "[nodes]"]
    lines += [f'{node_id} = "{key.hex()}"' for node_id, key in sorted(keys.items())]
    write_secret(path, ("\n".join(lines) + "\n").encode())
