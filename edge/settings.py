"""Settings of what stands around the machines: the box itself, its broker, its links, its log.

The settings of a stage stand in that stage; `config.py` puts all of them together. Every field's range and meaning is
in its annotation: the loader's messages and config/edge.toml are made from there.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.samples import Cell, Role

TopicLevel = Annotated[
    str, Meta(pattern="^[a-z0-9_-]{1,64}$", extra={"legal": "text of a-z, 0-9, _ and -, 1 to 64 long"})
]
"""A name that may stand in an MQTT topic: what every broker, bridge and shell takes without quoting."""

LinkName = Annotated[
    str, Meta(pattern="^[a-z0-9_-]{1,32}$", extra={"legal": "text of a-z, 0-9, _ and -, 1 to 32 long"})
]

LifterId = Annotated[
    str,
    Meta(pattern=r"^[a-z0-9_-]{1,32}$(?!\n)", extra={"legal": "text of a-z, 0-9, _ and -, 1 to 32 long"}),
]
"""Opaque, never a name. A file is named after it, so that no line may end in it, which `$` alone lets pass."""

NodeId = Annotated[str, Meta(pattern="^[0-9a-f]{16}$", extra={"legal": "16 digits of 0-9 and a-f"})]

# What a machine may weigh and a lifter measure, in configuration and recordings alike: beyond it is a slip of the unit.
SledMass = Annotated[float, Meta(ge=1.0, le=800.0)]
StackMass = Annotated[float, Meta(ge=0.0, le=500.0)]
Height = Annotated[float, Meta(ge=1.2, le=2.3)]
Segment = Annotated[float, Meta(ge=0.25, le=0.65)]

LinkKind = Literal["native", "native-serial", "witmotion", "witmotion-serial", "movesense", "progressor", "ascii"]
"""How bytes of a link are to be read, named as for `sledguard decode`."""

BOUGHT_IMUS: tuple[LinkKind, ...] = ("witmotion", "witmotion-serial", "movesense")
BOUGHT_CELLS: tuple[LinkKind, ...] = ("progressor", "ascii")
BOUGHT: tuple[LinkKind, ...] = (*BOUGHT_IMUS, *BOUGHT_CELLS)
"""Kinds that do not say what they are fixed to: IMUs that measure motion alone, and single load cells."""

SampleRate = Annotated[float, Meta(ge=10.0, le=208.0)]

Text = Annotated[str, Meta(min_length=1)]
FilePath = Annotated[str, Meta(min_length=1, extra={"legal": "a path"})]


def tape_of(thigh_m: float | None, shank_m: float | None) -> tuple[float, float] | None:
    """Thigh and shank, None where they were not measured. ValueError: one of the two without the other."""
    if thigh_m is not None and shank_m is not None:
        return thigh_m, shank_m
    if thigh_m is not None or shank_m is not None:
        here, missing = ("thigh_m", "shank_m") if shank_m is None else ("shank_m", "thigh_m")
        raise ValueError(f"{here} without {missing}: measure both, or leave both out")
    return None


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all settings: read once at start, never changed, no unknown keys."""


PlaceOfOne = (
    Annotated[
        Role,
        Meta(
            description="What its sensor is strapped to: needed for a bought one, else only where the node itself says "
            "another place.",
            examples=["left_shank"],
        ),
    ]
    | None
)


WhichCell = (
    Annotated[
        Cell,
        Meta(
            description="Which force a bought load cell measures; a footplate needs all four of heels and toes, or "
            "left and right, or one for the whole plate, which tells the load alone.",
            examples=["left_heel"],
        ),
    ]
    | None
)
Reversed = Annotated[bool, Meta(description="A bought load cell that shows pushing as negative.")]
RateOfBought = (
    Annotated[
        SampleRate,
        Meta(description="Samples per second of a bought sensor; without it, its kind's usual.", examples=[100.0]),
    ]
    | None
)


class LinkPlan(Settings, frozen=True, kw_only=True):
    """How the pipeline is to read a link. role: whatever the node says; rate_hz: to set it to, None: as usual.

    cell, reversed: of a bought load cell, which one it is and whether it shows pushing as negative.
    """

    kind: LinkKind = "native-serial"
    role: Role | None = None
    rate_hz: float | None = None
    cell: Cell | None = None
    reversed: bool = False


class BoxSettings(Settings, frozen=True, kw_only=True):
    """Who this edge box is."""

    gym: Annotated[TopicLevel, Meta(description="The gym's name in topics.")] = "home"
    id: Annotated[TopicLevel, Meta(description="This box's name in topics; no two boxes of a gym share one.")] = "box"
    state_dir: (
        Annotated[
            FilePath,
            Meta(
                description="Folder for what must outlast a restart; without it, the service's own, else the user's.",
                examples=["/var/lib/sledguard"],
            ),
        ]
        | None
    ) = None
    node_keys_file: (
        Annotated[
            FilePath,
            Meta(
                description="Keys of nodes that authenticate, for its owner alone. `sledguard node-key` writes it.",
                examples=["/etc/sledguard/node-keys.toml"],
            ),
        ]
        | None
    ) = None
    remember_lifters: Annotated[
        bool,
        Meta(
            description="Lifters may say an opaque id (cmd/set_lifter), and what is learned of their legs is kept for "
            "the next session, in the state folder; off, only ids under [lifters] are taken, and nothing is kept."
        ),
    ] = False


TLS_PORT = 8883
"""What is usual for MQTT with TLS; an address given by hand is taken at that word."""


class MqttSettings(Settings, frozen=True, kw_only=True):
    """The broker that everything is published to."""

    host: Annotated[Text, Meta(description="The broker's name or address.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="The broker's port; 8883 is usual with TLS.")] = 1883
    username: (
        Annotated[Text, Meta(description="Name to log in with; without it, no login.", examples=["box"])] | None
    ) = None
    password_file: (
        Annotated[
            FilePath,
            Meta(
                description="Holds the password alone; to be readable by its owner only.",
                examples=["/etc/sledguard/mqtt-password"],
            ),
        ]
        | None
    ) = None
    tls: (
        Annotated[
            bool,
            Meta(
                description="Encrypt, and check the broker's certificate; unless set, everywhere but on this very box.",
                examples=[True],
            ),
        ]
        | None
    ) = None
    ca_file: (
        Annotated[
            FilePath,
            Meta(
                description="Certificate of the authority that vouches for the broker; without it, the system's.",
                examples=["/etc/sledguard/ca.pem"],
            ),
        ]
        | None
    ) = None
    cert_file: (
        Annotated[
            FilePath,
            Meta(
                description="This box's certificate, where the broker asks for one.",
                examples=["/etc/sledguard/box.pem"],
            ),
        ]
        | None
    ) = None
    key_file: (
        Annotated[FilePath, Meta(description="The key to that certificate.", examples=["/etc/sledguard/box.key"])]
        | None
    ) = None
    home_assistant: Annotated[
        Literal["off", "component", "device"],
        Meta(
            description="Let Home Assistant find the machines: a message each component, or each device (2024.11 on)."
        ),
    ] = "off"
    keepalive_s: Annotated[
        int, Meta(ge=2, le=600, description="A dead connection is found after up to twice this.")
    ] = 8
    """A line that swallows everything must be found within 20 s; 8 s leaves room, and spares a weak Wi-Fi."""


class OutboxSettings(Settings, frozen=True, kw_only=True):
    """Where messages wait until the broker has them, and the box's own history of them."""

    durable: Annotated[
        bool, Meta(description="On disk, in state_dir; otherwise in memory, and lost when the daemon ends.")
    ] = True
    max_mb: Annotated[
        int,
        Meta(ge=10, le=1_000_000, description="Largest size; beyond it the oldest goes, first what was sent."),
    ] = 1000
    """About 4 kB a rep with all that belongs to it: 250,000 reps, some months of a busy box."""
    keep_days: Annotated[float, Meta(ge=0.01, le=3650.0, description="How long what was sent is kept for replays.")] = (
        30.0
    )
    wait_for_historian: Annotated[
        bool, Meta(description="Keep what was sent until a historian has confirmed it on box/BOX/confirm.")
    ] = False


class HistorySettings(Settings, frozen=True, kw_only=True):
    """The history that `sledguard dashboards` keeps."""

    confirm: Annotated[
        bool,
        Meta(
            description="Tell the boxes what is kept here, so that they may forget it. Only where this history is the "
            "one that counts: to be turned on in one place, together with wait_for_historian of the boxes."
        ),
    ] = False


class BuzzerSettings(Settings, frozen=True, kw_only=True):
    """A buzzer on the box itself; those on nodes need no mention. Without a pin it is the box's sound."""

    machine: (
        Annotated[
            TopicLevel, Meta(description="The machine whose cues it sounds; without it, all.", examples=["press-1"])
        ]
        | None
    ) = None
    gpio_pin: Annotated[int, Meta(ge=0, le=27, description="A Raspberry Pi's GPIO number.", examples=[18])] | None = (
        None
    )
    audio_command: Annotated[
        tuple[Text, ...],
        Meta(description="Plays raw 16 bit samples at 16 kHz, one channel, from its input; [] means aplay."),
    ] = ()
    volume_pct: Annotated[int, Meta(ge=1, le=100, description="Of a sound; a pin has its own.")] = 100
    ramp: Annotated[
        bool,
        Meta(
            description="Tick faster the nearer a limit is, as a parking sensor does; most even on a pin, since a "
            "sound's program is started for each tick."
        ),
    ] = False


class SerialSettings(Settings, frozen=True, kw_only=True):
    """One serial line: a node on USB, or a hub that speaks for all nodes of a machine."""

    link: Annotated[LinkName, Meta(description="What this file calls the line; sensors name it.")]
    device: Annotated[
        FilePath, Meta(description="The port; a path under /dev/serial/by-id outlives a change of socket.")
    ]
    kind: Annotated[
        Literal["native-serial", "witmotion", "witmotion-serial", "ascii"],
        Meta(description="What it speaks: the open protocol in frames, or a bought sensor's own protocol."),
    ] = "native-serial"
    role: PlaceOfOne = None
    cell: WhichCell = None
    reversed: Reversed = False
    rate_hz: RateOfBought = None
    baud: Annotated[
        int, Meta(ge=9600, le=4_000_000, description="Bits per second; of no account for a node that is USB itself.")
    ] = 921_600


class BluetoothSettings(Settings, frozen=True, kw_only=True):
    """The box's Bluetooth adapters."""

    slots: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            description="Links that one adapter holds at a time: 7 in a Raspberry Pi, 5 in many a dongle. Nodes "
            "beyond it wait, and are told to.",
        ),
    ] = 7


class BleSettings(Settings, frozen=True, kw_only=True):
    """One node on Bluetooth, by its address or its id. `sledguard pair` writes such a table."""

    link: Annotated[LinkName, Meta(description="What this file calls the link; machines name it.")]
    address: (
        Annotated[
            str,
            Meta(
                pattern="^([0-9A-F]{2}:){5}[0-9A-F]{2}$",
                description="The node's Bluetooth address; needless where node is given.",
                examples=["C0:98:E5:51:ED:03"],
                extra={"legal": "six pairs of digits 0-9 and A-F, with colons between"},
            ),
        ]
        | None
    ) = None
    node: (
        Annotated[
            NodeId,
            Meta(
                description="The node's id, which stays where a node changes its address.",
                examples=["51ed6a2d00000103"],
            ),
        ]
        | None
    ) = None
    kind: Annotated[
        Literal["native", "native-serial", "witmotion", "movesense", "progressor"],
        Meta(
            description="What it speaks: the open protocol (native), its serial form through a UART bridge, or a "
            "bought sensor's own protocol."
        ),
    ] = "native"
    role: PlaceOfOne = None
    cell: WhichCell = None
    reversed: Reversed = False
    rate_hz: RateOfBought = None
    adapter: (
        Annotated[
            str,
            Meta(
                pattern="^hci[0-9]{1,2}$",
                description="The only adapter to use for it; without it, the one that hears it best.",
                examples=["hci0"],
                extra={"legal": "hci0, hci1, and so on"},
            ),
        ]
        | None
    ) = None


class LogSettings(Settings, frozen=True, kw_only=True):
    """What is written down on the box."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least grave of the lines that are written.")
    ] = "info"
    raw_bytes_dir: (
        Annotated[
            FilePath,
            Meta(
                description="Folder for every session's raw bytes, to be replayed later.",
                examples=["/var/lib/sledguard/raw"],
            ),
        ]
        | None
    ) = None
    mcap_dir: (
        Annotated[
            FilePath,
            Meta(
                description="Folder for the same as MCAP, with the events, for Foxglove and PlotJuggler; one of both.",
                examples=["/var/lib/sledguard/mcap"],
            ),
        ]
        | None
    ) = None
    mcap_max_mb: Annotated[int, Meta(ge=1, description="What recordings as MCAP may take; the oldest go first.")] = 4000
    mcap_keep_days: Annotated[
        float, Meta(gt=0.0, description="Older recordings go: what is recorded is of people.")
    ] = 14.0
