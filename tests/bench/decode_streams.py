"""What decoding costs: `python tests/bench/decode_streams.py`. Not a test: figures depend on the machine.

Seven nodes' streams (six inertial sensors at 100 Hz, four load cells at 80 Hz), one message a read. Per inertial or
load sample: unpacking the numbers alone by `struct`, and three ways that do all the work.
"""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from edge.ingest.native import NativeLink
from edge.ingest.native_layout import placement_role
from firmware_protocol import scaling, wire
from firmware_protocol.framing import BareDecoder, Decoder, FramedDecoder, frame
from firmware_protocol.messages import Channel, ImuBatch, Info, LoadBatch, Payload
from firmware_protocol.registries import Placement

SECONDS, REPEATS = 20, 15
IMUS = [Placement(p) for p in (1, 7, 3, 4, 5, 6)]
CELLS = [Placement(p) for p in (11, 12, 13, 14)]
SCALE = scaling.imu_scale(4_788_403, 1_065_264)
CHANNELS = tuple(
    [Channel(i + 1, 1, p, 0, 10_000_000, 4_788_403, 1_065_264) for i, p in enumerate(IMUS)]
    + [Channel(i + 11, 2, p, 0, 12_500_000, 1_000_000, 0) for i, p in enumerate(CELLS)]
)


def messages_of(per_batch: int) -> tuple[list[bytes], int]:
    """The streams' messages in order of time, INFO first, and how many samples they hold."""
    random = Random(5)  # noqa: S311
    timed: list[tuple[float, int, Payload]] = []
    samples = 0
    for channel in CHANNELS:
        period_s = channel.period_ns * 1e-9
        width = 6 if channel.kind == 1 else 1
        for first in range(0, int(SECONDS / period_s), per_batch):
            head = (round(first * period_s * 1e6) + 1000, channel.period_ns, first & 0xFFFF, 0)
            values = [round(random.gauss(0, 300)) for _ in range(width * per_batch)]
            payload = (
                ImuBatch(*head, struct.pack(f"<{len(values)}h", *values), None)
                if width == 6
                else LoadBatch(*head, struct.pack(f"<{len(values)}i", *values))
            )
            timed.append(((first + per_batch) * period_s, channel.chan, payload))
            samples += per_batch
    info = wire.encode(Info(1, 0, 3, 1, 0, 10 << 24, 269, 1, b"noncenon", CHANNELS))
    seqs = dict.fromkeys((c.chan for c in CHANNELS), 0)
    encoded = [info]
    for _, chan, payload in sorted(timed, key=lambda item: item[:2]):
        encoded.append(wire.encode(payload, chan=chan, seq=seqs[chan] & 0xFFFF))
        seqs[chan] += 1
    return encoded, samples


def codec(decoder: Decoder, chunks: list[bytes]) -> None:
    """Frames, messages, payloads, SI values and sample times: all that a codec can do without knowing the node."""
    for chunk in chunks:
        for message in decoder.feed(chunk):
            payload = wire.read(message)
            if isinstance(payload, ImuBatch):
                scaling.imu_si(payload.samples, SCALE)
                scaling.sample_us(payload.t0_us, payload.dt_ns, len(payload.samples) // 12)
            elif isinstance(payload, LoadBatch):
                scaling.load_si(payload.samples, 1_000_000)
                scaling.sample_us(payload.t0_us, payload.dt_ns, len(payload.samples) // 4)


def whole_link(chunks: list[bytes], *, framed: bool) -> None:
    """As the product does: also sequence, gaps, clock, authentication's gate, cells put together, sample objects."""
    link = NativeLink("bench", framed=framed, role_of=placement_role, seed=1)
    for k, chunk in enumerate(chunks):
        link.receive(k * 1_000_000, chunk)
    assert link.counters.get("gap_samples", 0) == 0, dict(link.counters)


def unpack_alone(encoded: list[bytes]) -> None:
    """The numbers of each message by `struct`, and nothing else."""
    for message in encoded:
        size = len(message) - 18
        if message[1] == 0x10:
            struct.unpack_from(f"<BBBBHIIHBB{size // 2}h", message)
        elif message[1] == 0x12:
            struct.unpack_from(f"<BBBBHIIHBB{size // 4}i", message)


def best_us(work: Callable[[], None], samples: int) -> float:
    """The least CPU time of some runs, µs per sample: other programs can only add to it."""
    times = []
    for _ in range(REPEATS):
        before = time.process_time()
        work()
        times.append(time.process_time() - before)
    return min(times) / samples * 1e6


def main() -> None:
    """Prints one line per batch size."""
    sys.stdout.write("per batch   struct   codec, GATT   codec, serial   whole link, serial   (µs per sample)\n")
    for per_batch in (2, 4, 10):
        encoded, samples = messages_of(per_batch)
        framed = [b"\0" + frame(encoded[0]), *(frame(m) for m in encoded[1:])]
        alone = best_us(lambda m=encoded: unpack_alone(m), samples)
        gatt = best_us(lambda m=encoded: codec(BareDecoder(), m), samples)
        serial = best_us(lambda m=framed: codec(FramedDecoder(), m), samples)
        link = best_us(lambda m=framed: whole_link(m, framed=True), samples)
        costs = "".join(f"   {cost:6.2f} ({cost / alone:4.1f}x)" for cost in (gatt, serial, link))
        sys.stdout.write(f"{per_batch:9d}   {alone:6.2f}{costs}\n")


if __name__ == "__main__":
    main()
