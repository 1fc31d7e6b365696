"""A process goes on where it was when it is split, split otherwise, or whole again."""

import pytest

from wayfold.errors import PositionCut
from wayfold.log import Fact, Log
from wayfold.reactions import OnFailure, Process, Runner

KEYS = [f"device/{number}" for number in range(9)]
WAYS = (None, 4, 4, None, 7, 1)


class Noting(Process):
    """Notes what it is told, with what it was told before; refuses bad ones until it is mended."""

    name, hears, initial = "noting", "device.told", ()
    on_failure = OnFailure(retries=0)
    is_mended = False

    def fold(self, state, record):
        return (*state, record.data["n"])

    def decide(self, state, record):
        if record.data.get("bad") and not self.is_mended:
            raise ValueError("not this one")
        yield Fact("device.noted", record.subject, {"so_far": list(state), "by": self.name})


class Keyless(Noting):
    """Has no key for some records, and an odd one for others."""

    def key(self, record):
        return record.data.get("odd") or record.data["device"]


class Namesake(Noting):
    """Another one, whose name LIKE takes for a pattern of the first one's."""

    name = "no_ing"


def begin(runner, parts, process):
    return runner.split(process, parts, ["w"]) if parts else runner.react(process)


def catch_up(runner, reacting):
    assert runner.run(timeout=30, until=lambda: not reacting.lag)


def tell(log, number, **data):
    log.append_facts(Fact("device.told", key, {"n": number, **data}) for key in KEYS)


def notes(log):
    found = {key: [] for key in KEYS}
    for record in log.records(name="device.noted"):
        found[record.subject].append(record.data["so_far"])
    return found


def test_it_goes_on_whole_split_and_split_otherwise(path):
    for number, parts in enumerate(WAYS):
        with Log.open(path) as log, Runner(log) as runner:
            reacting = begin(runner, parts, Noting())
            tell(log, number)
            catch_up(runner, reacting)
            assert reacting.state(KEYS[5]) == tuple(range(number + 1))

    with Log.open(path) as log:
        expected = [list(range(number + 1)) for number in range(len(WAYS))]
        assert notes(log) == dict.fromkeys(KEYS, expected)


@pytest.mark.parametrize("before", [None, 2])
@pytest.mark.parametrize("after", [None, 3])
def test_what_is_parked_goes_with_it(path, before, after):
    process = Noting()
    with Log.open(path) as log, Runner(log) as runner:
        reacting = begin(runner, before, process)
        tell(log, 0, bad=True)
        catch_up(runner, reacting)
        reacting.drop(KEYS[0])
    process.is_mended = True
    with Log.open(path) as log, Runner(log) as runner:
        reacting = begin(runner, after, process)
        tell(log, 1)
        catch_up(runner, reacting)
        for key in KEYS[1:]:
            assert reacting.release(key) == 2

        expected = [[[1]], *[[[0], [0, 1]]] * (len(KEYS) - 1)]
        assert list(notes(log).values()) == expected


def test_nobody_is_taken_for_another_of_a_similar_name(path):
    with Log.open(path) as log, Runner(log) as runner:
        tell(log, 0)
        catch_up(runner, begin(runner, 2, Noting()))
    with Log.open(path) as log, Runner(log) as runner:
        similar, reacting = begin(runner, 2, Namesake()), begin(runner, 2, Noting())
        catch_up(runner, reacting)
        catch_up(runner, similar)

        notes_by = [record.data["by"] for record in log.records(name="device.noted")]
        assert sorted(notes_by) == ["no_ing"] * len(KEYS) + ["noting"] * len(KEYS)


def test_nothing_keeps_the_log_from_being_cut_for_what_is_no_more(path):
    for parts in (None, 2, 3):
        with Log.open(path) as log, Runner(log) as runner:
            catch_up(runner, begin(runner, parts, Noting()))
            tell(log, 0)

    with Log.open(path) as log:
        held = {name for name in log.holds if name.startswith("process/")}
        assert held == {f"process/noting/{n}of3{what}" for n in range(3) for what in ("", "/state")}


def test_parts_at_different_positions_are_not_split_otherwise(path):
    with Log.open(path) as log:
        log.write(lambda beside: beside.hold("process/noting/0of2", 1))
        log.write(lambda beside: beside.hold("process/noting/1of2", 2))
        for parts in (None, 3):
            with Runner(log) as runner, pytest.raises(ValueError, match="was split otherwise"):
                begin(runner, parts, Noting())


def test_what_cannot_be_folded_anew_stays_as_it_was(path):
    with Log.open(path, keep=50) as log, Runner(log) as runner:
        reacting = begin(runner, None, Noting())
        for number in range(30):
            tell(log, number)
            catch_up(runner, reacting)
    with Log.open(path, keep=50) as log, Runner(log) as runner:
        tell(log, 30)
        assert log.cut
        with pytest.raises(PositionCut):
            begin(runner, 2, Noting())
        reacting = begin(runner, None, Noting())
        catch_up(runner, reacting)

        assert reacting.state(KEYS[0]) == tuple(range(31))


@pytest.mark.parametrize("parts", [None, 3])
def test_it_starts_again_where_its_key_failed(path, parts):
    for number in range(2):  # ended without a word each time: nothing is kept of the states
        log = Log.open(path)
        runner = Runner(log)
        reacting = begin(runner, parts, Keyless())
        tell(log, number)
        tell(log, number, odd=5)
        tell(log, number, device="device/a")
        catch_up(runner, reacting)
        log.close()

    assert {parked.key for parked in reacting.parked} == set(KEYS)
    assert len(reacting.parked) == 2 * 2 * len(KEYS)
    assert len(reacting.state("device/a")) == 2 * len(KEYS)
