"""What decoding costs: `python tests/bench/decode_streams.py`. Not a test: figures depend on the machine.

Seven nodes' streams (six inertial sensors at 100 Hz, four load cells at 80 Hz). Per inertial or load sample: unpacking
the numbers alone by `struct`, and what does all the work: from GATT, from a serial line with one frame a read, with all
frames of 10 ms a read (a wired hub), and the whole way through the product. Batches of one size, and `usual`: 2 samples
from thighs and shanks, 4 from the others, as the host asks for.
"""

from __future__ import annotations

import struct
import sys
import time
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from edge.ingest.native import NativeLink
from edge.ingest.native_layout import placement_role
from firmware_protocol.framing import BareDecoder, Decoder, FramedDecoder, frame
from firmware_protocol.messages import Channel, ImuBatch, Info, LoadBatch, Payload
from firmware_protocol.registries import Placement
from firmware_protocol.scaling import imu_scale, imu_si, load_si, sample_us
from firmware_protocol.wire import encode, read

SECONDS, REPEATS = 20, 15
IMUS = [Placement(p) for p in (1, 7, 3, 4, 5, 6)]
CELLS = [Placement(p) for p in (11, 12, 13, 14)]
SCALE = imu_scale(4_788_403, 1_065_264)
LEGS = (Placement.LEFT_THIGH, Placement.RIGHT_THIGH, Placement.LEFT_SHANK, Placement.RIGHT_SHANK)
READ_S = 0.01
CHANNELS = tuple(
    [Channel(i + 1, 1, p, 0, 10_000_000, 4_788_403, 1_065_264) for i, p in enumerate(IMUS)]
    + [Channel(i + 11, 2, p, 0, 12_500_000, 1_000_000, 0) for i, p in enumerate(CELLS)]
)


def messages_of(size_of: Callable[[Channel], int]) -> tuple[list[tuple[float, bytes]], int]:
    """The streams' messages with the times when they are sent, in s, INFO first, and how many samples they hold."""
    random = Random(5)  # noqa: S311
    timed: list[tuple[float, int, Payload]] = []
    samples = 0
    for channel in CHANNELS:
        period_s = channel.period_ns * 1e-9
        width, per_batch = 6 if channel.kind == 1 else 1, size_of(channel)
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
    info = encode(Info(1, 0, 3, 1, 0, 10 << 24, 269, 1, b"noncenon", CHANNELS))
    seqs = dict.fromkeys((c.chan for c in CHANNELS), 0)
    encoded = [(0.0, info)]
    for sent_s, chan, payload in sorted(timed, key=lambda item: item[:2]):
        encoded.append((sent_s, encode(payload, chan=chan, seq=seqs[chan] & 0xFFFF)))
        seqs[chan] += 1
    return encoded, samples


def frames_of(messages: Iterable[bytes]) -> list[bytes]:
    """Each message's frame; a sender begins with a zero."""
    first, *others = (frame(message) for message in messages)
    return [b"\0" + first, *others]


def reads_of(times_s: Iterable[float], frames: list[bytes]) -> list[bytes]:
    """The frames of each READ_S together."""
    timed = zip(times_s, frames, strict=True)
    return [b"".join(f for _, f in together) for _, together in groupby(timed, key=lambda item: item[0] // READ_S)]


def codec(decoder: Decoder, chunks: list[bytes]) -> None:
    """Frames, messages, payloads, SI values and sample times: all that a codec can do without knowing the node."""
    for chunk in chunks:
        for message in decoder.feed(chunk):
            payload = read(message)
            if isinstance(payload, ImuBatch):
                t0_us, dt_ns, _, _, samples, _ = payload
                imu_si(samples, SCALE)
                sample_us(t0_us, dt_ns, len(samples) // 12)
            elif isinstance(payload, LoadBatch):
                t0_us, dt_ns, _, _, samples = payload
                load_si(samples, 1_000_000)
                sample_us(t0_us, dt_ns, len(samples) // 4)


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
    sys.stdout.write("µs per sample (times what struct takes)\n")
    sys.stdout.write("batch   struct           GATT         serial   serial, 10 ms     whole link\n")
    sizes: list[tuple[str, Callable[[Channel], int]]] = [(str(n), lambda _, n=n: n) for n in (2, 3, 4, 10)]
    sizes.append(("usual", lambda channel: 2 if channel.placement in LEGS else 4))
    for name, size_of in sizes:
        timed, samples = messages_of(size_of)
        encoded = [message for _, message in timed]
        framed = frames_of(encoded)
        reads = reads_of((sent_s for sent_s, _ in timed), framed)
        alone = best_us(lambda m=encoded: unpack_alone(m), samples)
        costs = (
            best_us(lambda m=encoded: codec(BareDecoder(), m), samples),
            best_us(lambda m=framed: codec(FramedDecoder(), m), samples),
            best_us(lambda m=reads: codec(FramedDecoder(), m), samples),
            best_us(lambda m=framed: whole_link(m, framed=True), samples),
        )
        told = "".join(f"   {cost:5.2f} ({cost / alone:4.1f}x)" for cost in costs)
        sys.stdout.write(f"{name:5s}   {alone:6.2f}{told}\n")


if __name__ == "__main__":
    main()
