"""What the BLE source decides, on timelines: no radio, no waiting."""

from __future__ import annotations

from random import Random

import pytest
from bleak.backends.device import BLEDevice

from edge.sources.ble.choice import ALIKE_DB, Sighting, choose
from edge.sources.ble.policy import (
    Backoff,
    BleTimings,
    DataWatchdog,
    ScanWatchdog,
    SlotBudget,
    stale_cure,
)

S = 1_000_000_000
MS = 1_000_000
T = BleTimings()


class Highest(Random):
    """Always the upper end."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def test_pauses_double_up_to_a_limit() -> None:
    """Failures in a row double the pause from the first to the longest and no further."""
    backoff = Backoff(T, Highest())
    pauses = [backoff.pause_s(0.0) for _ in range(40)]
    assert pauses[:4] == pytest.approx([0.2, 0.4, 0.8, 1.6])
    assert pauses[-1] == T.back_off_max_s
    assert pauses == sorted(pauses)


def test_a_link_that_held_begins_anew_and_one_that_fell_off_does_not() -> None:
    """A link of held_s resets the pause; one that fell a moment earlier does not."""
    backoff = Backoff(T, Highest())
    for _ in range(5):
        backoff.pause_s(0.0)
    assert backoff.pause_s(T.held_s - 0.01) > 5.0
    assert backoff.pause_s(T.held_s) == pytest.approx(T.back_off_first_s)


def test_pauses_of_nodes_that_fell_together_differ() -> None:
    """Each node draws its own pauses, between half and all of what is due."""
    pauses = [Backoff(T, Random(seed)).pause_s(0.0) for seed in range(20)]  # noqa: S311
    assert len(set(pauses)) == 20
    assert all(0.1 <= pause <= 0.2 for pause in pauses)


def stream(watchdog: DataWatchdog, until_ns: int, every_ns: int = 40 * MS) -> int:
    """Arrivals up to a time; returns the last."""
    last = 0
    for t_ns in range(every_ns, until_ns + 1, every_ns):
        watchdog.heard(t_ns)
        last = t_ns
    return last


def test_a_streaming_node_may_be_silent_for_a_second() -> None:
    """At 25 notifications a second the node is gone exactly silence_s after the last."""
    watchdog = DataWatchdog(T, 0)
    last = stream(watchdog, 2 * S)
    assert watchdog.remaining_s(last + S - MS) > 0
    assert watchdog.remaining_s(last + S) <= 0


def test_a_node_that_only_tells_its_state_is_not_gone_between_two_states() -> None:
    """One message a second is no stream: it may be silent for idle_silence_s."""
    watchdog = DataWatchdog(T, 0)
    last = stream(watchdog, 10 * S, S)
    assert watchdog.remaining_s(last + 2 * S) > 0
    assert watchdog.remaining_s(last + 5 * S) <= 0


def test_a_node_that_never_says_anything_is_gone_too() -> None:
    """A link over which nothing ever comes counts as gone after idle_silence_s."""
    assert DataWatchdog(T, 7 * S).remaining_s(7 * S) == pytest.approx(T.idle_silence_s)
    assert DataWatchdog(T, 7 * S).remaining_s(12 * S) <= 0


def test_five_arrivals_within_a_second_are_a_stream() -> None:
    """Five arrivals that span a second are a stream, five that span a little more are none."""
    quick, slow = DataWatchdog(T, 0), DataWatchdog(T, 0)
    for k in range(1, 6):
        quick.heard(k * 250 * MS)
        slow.heard(k * 251 * MS)
    assert quick.remaining_s(5 * 250 * MS) == pytest.approx(T.silence_s)
    assert slow.remaining_s(5 * 251 * MS) == pytest.approx(T.idle_silence_s)


def verdicts(watchdog: ScanWatchdog, seconds: range, links: int) -> dict[int, str]:
    """What it says when, but for waiting."""
    said = {second: watchdog.verdict(second * S, links) for second in seconds}
    return {second: verdict for second, verdict in said.items() if verdict != "wait"}


def test_a_deaf_scan_is_begun_anew_then_its_adapter_power_cycled() -> None:
    """Silence: restarts at 30 and 60 s, power at 90 s, and then all over again."""
    said = verdicts(ScanWatchdog(T, 0), range(200), 0)
    assert said == {30: "restart", 60: "restart", 90: "power_cycle", 120: "restart", 150: "restart", 180: "power_cycle"}


def test_an_adapter_that_holds_links_keeps_its_power() -> None:
    """With a link up the scan is begun anew every 30 s and the power left on; without it, it goes off at once."""
    watchdog = ScanWatchdog(T, 0)
    assert verdicts(watchdog, range(125), 1) == {30: "restart", 60: "restart", 90: "restart", 120: "restart"}
    assert watchdog.verdict(126 * S, 0) == "power_cycle"


def test_an_advertisement_of_anybody_calms_the_watchdog() -> None:
    """Whoever is heard, the scan works."""
    watchdog = ScanWatchdog(T, 0)
    for second in range(0, 300, 29):
        watchdog.heard(second * S)
        assert watchdog.verdict((second + 28) * S, 0) == "wait"


def test_slots_are_given_out_and_come_back() -> None:
    """So many links as there are slots; one that ends makes room."""
    budget = SlotBudget(2)
    assert budget.take("a", 0)
    assert budget.take("b", 0)
    assert not budget.take("c", 0)
    budget.give_back("a")
    assert budget.take("c", 0)
    assert budget.holders == ["b", "c"]


def test_a_refusal_lowers_the_limit_for_a_while() -> None:
    """A third link that the controller refused makes the limit two, until LEARNED_NS later."""
    budget = SlotBudget(7)
    for link in ("a", "b", "c"):
        budget.take(link, 0)
    budget.refused(5 * S)
    budget.give_back("c")
    assert budget.limit(5 * S) == 2
    assert budget.free(5 * S + budget.LEARNED_NS - 1) == 0
    assert budget.free(5 * S + budget.LEARNED_NS) == 5


def test_a_refused_first_link_leaves_one() -> None:
    """No refusal makes an adapter useless."""
    budget = SlotBudget(7)
    budget.take("a", 0)
    budget.refused(0)
    assert budget.limit(0) == 1


def test_stale_services_are_forgotten_once_and_bonds_never() -> None:
    """First the cache is suspected, then the kind; a bond is its owner's."""
    assert stale_cure(1, bonded=False) == "forget"
    assert stale_cure(1, bonded=True) == "bond_again"
    assert stale_cure(2, bonded=False) == stale_cure(2, bonded=True) == "wrong_kind"


def sighting(adapter: str, rssi_dbm: int, t_ns: int = 0) -> Sighting:
    return Sighting(adapter, rssi_dbm, t_ns, BLEDevice("C0:98:E5:00:00:00", None, {}))


def test_the_loudest_adapter_with_a_free_slot_is_chosen() -> None:
    """Loudness decides among adapters with room; a full one does not count, nor does an old sighting."""
    both = [sighting("hci0", -50), sighting("hci1", -70)]
    assert choose(both, {"hci0": 1, "hci1": 7}, 0) == both[0]
    assert choose(both, {"hci0": 0, "hci1": 7}, 0) == both[1]
    assert choose(both, {"hci0": 0, "hci1": 0}, 0) is None
    assert choose(both, {"hci0": 1, "hci1": 7}, 1) is None


def test_among_alike_adapters_the_emptier_is_chosen() -> None:
    """Signals within ALIKE_DB are as good as each other: then room decides."""
    near = [sighting("hci0", -50), sighting("hci1", -50 - ALIKE_DB + 1)]
    far = [sighting("hci0", -50), sighting("hci1", -50 - ALIKE_DB)]
    assert choose(near, {"hci0": 1, "hci1": 7}, 0) == near[1]
    assert choose(far, {"hci0": 1, "hci1": 7}, 0) == far[0]
