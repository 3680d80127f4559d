"""Commands: acted upon at most once, repeated with the same number, in two lanes."""

from __future__ import annotations

from itertools import count

import pytest

from firmware_protocol.commands import BUSY_RETRIES, RETRIES, RETRY_NS, WAITING_MAX, Commands
from firmware_protocol.messages import Ack, Buzz, Identify, Tare
from firmware_protocol.registries import AckCode

MS = 1_000_000
TARE, BUZZ = Tare(10, 0), Buzz(1, 2, 1, 0, ())


@pytest.fixture
def commands() -> Commands:
    numbers = count(100)
    return Commands(lambda _chan: next(numbers))


def test_a_command_is_repeated_with_its_number_and_then_given_up(commands: Commands) -> None:
    """Without an answer a command is sent four times in all, same seq, 300 ms apart; then its outcome has no ACK."""
    ticket = commands.submit(TARE, chan=3)
    sent = [(t, m.seq, m.chan) for t in range(0, 3000 * MS, 10 * MS) for m in commands.step(t)]
    assert sent == [(k * RETRY_NS, 100, 3) for k in range(RETRIES + 1)]
    assert [(o.ticket, o.ack) for o in commands.outcomes()] == [(ticket, None)]


def test_an_answer_ends_a_command(commands: Commands) -> None:
    """The ACK with the command's type and seq is its outcome, and the next command follows."""
    commands.submit(TARE, chan=3)
    commands.submit(Identify(3))
    commands.step(0)
    ack = Ack(0x24, 100, AckCode.OK, 17)
    assert not commands.acknowledge(ack._replace(req_seq=99), MS)
    assert not commands.acknowledge(ack._replace(req_type=0x25), MS)
    assert commands.acknowledge(ack, MS)
    assert not commands.acknowledge(ack, MS)
    assert [m.type for m in commands.step(10 * MS)] == [0x25]
    assert [o.ack for o in commands.outcomes()] == [ack]


def test_an_urgent_command_does_not_wait(commands: Commands) -> None:
    """A cue goes out while an ordinary command is still unanswered, and does not disturb it."""
    commands.submit(TARE)
    commands.step(0)
    commands.submit(BUZZ, urgent=True)
    assert [m.type for m in commands.step(10 * MS)] == [0x26]
    assert [(m.type, m.seq) for m in commands.step(RETRY_NS)] == [(0x24, 100)]


def test_a_busy_node_is_asked_anew_when_it_says(commands: Commands) -> None:
    """BUSY asks for a new command, with a new seq, after `detail` ms; five times, then it is the outcome."""
    commands.submit(TARE)
    t_ns, seqs = 0, []
    for _ in range(BUSY_RETRIES + 1):
        (message,) = commands.step(t_ns)
        seqs.append(message.seq)
        assert commands.step(t_ns + 199 * MS) == []
        commands.acknowledge(Ack(0x24, message.seq, AckCode.BUSY, 200), t_ns)
        assert commands.step(t_ns + 199 * MS) == []
        t_ns += 200 * MS
    assert len(set(seqs)) == BUSY_RETRIES + 1
    (outcome,) = commands.outcomes()
    assert outcome.ack is not None
    assert outcome.ack.code == AckCode.BUSY


def test_waiting_commands_are_bounded(commands: Commands) -> None:
    """Beyond 64 waiting commands the oldest is given up, and its outcome says so."""
    tickets = [commands.submit(Identify(1)) for _ in range(WAITING_MAX + 1)]
    assert [(o.ticket, o.ack) for o in commands.outcomes()] == [(tickets[0], None)]


def test_cancel_ends_everything(commands: Commands) -> None:
    """After a restart nothing asked before is sent again."""
    commands.submit(TARE)
    commands.step(0)
    commands.submit(Identify(1))
    commands.submit(BUZZ, urgent=True)
    commands.cancel()
    assert len(commands.outcomes()) == 3
    assert commands.step(RETRY_NS) == []
