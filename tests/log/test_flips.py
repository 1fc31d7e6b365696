"""Any byte of a file changed, or any part of it cut off: told, or of no account; never believed."""

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from wayfold.cli import main
from wayfold.errors import LogUnusable, WayfoldError
from wayfold.log import Fact, Keep, Log, Origin, Record
from wayfold.log.batch import Decoded

FLIPS = int(os.environ.get("WAYFOLD_FLIPS", "160"))
"""How many bits are flipped of each file; a quarter of them where pages begin."""


def write_all_kinds(log):
    """Append records of all kinds, with what stands beside them in the file."""
    for number in range(60):
        lit = {"level": number, "note": "ż" * (number % 40)}
        log.append_facts([Fact("lamp.lit", f"lamp/{number % 5}", lit), Fact("lamp.group", "all")])
        log.append("lamp.whispered", "lamp/1", {"word": "x"})
    note = Record(log.head + 1, 1, Origin.APP, "note", 1, "note", {"text": b""})
    log.append_batch(Decoded([note]), contents={0: {"text": b"content" * 900}})
    log.hold("reader", log.head - 3)


@pytest.fixture(params=["closed", "open"])
def written(request, path, opened, kept_lamps):
    """The files of a log that was closed or is being written to; and its records."""
    log = opened(model=kept_lamps, keep=Keep(records=120))
    write_all_kinds(log)
    if request.param == "closed":
        log.close()
        log = opened(model=kept_lamps, read_only=True)
    files = {suffix: Path(path + suffix).read_bytes() for suffix in ("", "-wal")}
    return files, {record.position: record for record in log}


@pytest.fixture
def laid(tmp_path):
    """Put the files of a log into a folder of their own."""
    folder = tmp_path / "laid"
    folder.mkdir()

    def lay(files):
        for file in folder.iterdir():
            file.unlink()
        for suffix, content in files.items():
            if content:
                Path(f"{folder}/x{suffix}").write_bytes(content)
        return str(folder / "x")

    return lay


def flips(content, chance):
    """Give places and bits: all over, and more of them where much depends on one."""
    for number in range(FLIPS):
        at = chance.randrange(len(content))
        if number % 4 == 0:
            at = at // 2048 * 2048 + at % 2048 % 120
        yield min(at, len(content) - 1), 1 << chance.randrange(8)


def changed(content, at, bit):
    return content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]


def believed(path, records, model):
    """Read all of a log; True where it passes for whole, and then it must be."""
    try:
        with Log.open(path, read_only=True, model=model) as log:
            log.verify()
            found = list(log)
            assert log.state == model.fold(log.state_at(log.cut), runs_of(log))
    except WayfoldError:
        return False
    assert [record.position for record in found] == list(range(log.cut + 1, log.head + 1))
    assert all(records.get(record.position, record) == record for record in found)
    return True


def runs_of(log):
    return (run for span in Decoded(list(log)).runs(0, len(log)) for run in [span])


each_file = pytest.mark.parametrize(
    ("written", "suffix"), [("closed", ""), ("open", ""), ("open", "-wal")], indirect=["written"]
)


def append(log):
    log.append("lamp.lit", "lamp/1", {"level": 1})
    log.sync()


USES = [list, lambda log: log.state, lambda log: log.state_at(log.cut), lambda log: log[-1], append]


def use_unverified(path, model, number):
    """Use a log that nobody has verified, in one way or another: what it raises is ours."""
    use = USES[number % len(USES)]
    try:
        with Log.open(path, read_only=use is not append, model=model) as log:
            use(log)
    except (WayfoldError, IndexError):
        pass


@pytest.mark.timeout(400)
@each_file
def test_no_flipped_bit_is_believed_or_breaks_out(written, laid, kept_lamps, suffix):
    files, records = written
    passed = 0
    for number, (at, bit) in enumerate(flips(files[suffix], random.Random(suffix))):
        damaged = {**files, suffix: changed(files[suffix], at, bit)}
        path = laid(damaged)
        passed += believed(path, records, kept_lamps)
        assert Path(path).read_bytes() == damaged[""], f"bit {bit} at {at}: reading wrote"
        use_unverified(path, kept_lamps, number)

    assert passed  # there are bytes that nobody needs


@pytest.mark.timeout(400)
@each_file
def test_no_file_that_was_cut_off_is_believed_or_breaks_out(written, laid, kept_lamps, suffix):
    files, records = written
    size = len(files[suffix])
    chance = random.Random(size)
    lengths = {0, 1, 99, 100, 512, size - 1, *(chance.randrange(size) for _ in range(FLIPS // 4))}
    for number, length in enumerate(lengths):
        path = laid({**files, suffix: files[suffix][:length]})
        believed(path, records, kept_lamps)
        use_unverified(path, kept_lamps, number)


COMMANDS = [("verify",), ("log",), ("state",), ("why", "outputs"), ("diff", "+0s", "+1s")]


def test_no_command_ends_in_a_traceback(written, laid, capsys):
    files, _ = written
    suffix = "-wal" if files["-wal"] else ""
    found = list(flips(files[suffix], random.Random(1)))[:: max(FLIPS // 40, 1)]
    for number, (at, bit) in enumerate(found):
        path = laid({**files, suffix: changed(files[suffix], at, bit)})
        command, *rest = COMMANDS[number % len(COMMANDS)]
        status = main([command, path, *rest])
        told = capsys.readouterr()
        assert status in (0, 1)
        assert status == 0 or told.err.startswith(f"wayfold {command}: ")


NOT_WRITTEN = [
    "update record set data = x'7b7d' where position = 100",
    "update record set data = cast(x'7b22c3227d' as text) where position = 100",
    "update record set name = cast(x'c3' as text) where position = 100",
    "update record set name = x'6c' where position = 100",
    "update record set subject = x'6c' where position = 100",
    "update record set time_ns = 'soon' where position = 100",
    "update record set version = 1.5 where position = 100",
    "update record set masked = x'00' where position = 100",
    "update record set masked = '7' where position = 100",
    """update record set data = '{"a":{"$bytes":7}}' where position = 100""",
    """update record set data = '{"a":{"$bytes":"?"}}' where position = 100""",
]


@pytest.mark.parametrize("change", NOT_WRITTEN)
def test_a_cell_that_holds_something_else_is_told_with_its_position(opened, path, change):
    with opened() as log:
        write_all_kinds(log)
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.execute(change)
    plain.close()
    log = opened(read_only=True)
    with pytest.raises(LogUnusable) as verified:
        log.verify()
    with pytest.raises(LogUnusable) as read:
        list(log)

    assert verified.value.position == read.value.position == 100


@pytest.mark.parametrize(
    "change",
    [
        "update subject set version = version + 1 where subject = 'lamp/1'",
        "delete from subject where subject = 'lamp/1'",
        "update blob set content = x'00'",
        "update log set head = 'x'",
        "update log set cut = 1000",
        "update log set cut = -1",
        "update log set base = x'00'",
        "update log set hash = null",
        "delete from log",
    ],
)
def test_what_stands_beside_the_records_is_verified_too(opened, path, change):
    with opened() as log:
        write_all_kinds(log)
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.execute("pragma ignore_check_constraints = on")
        plain.execute(change.replace("null", "x'00'"))
    plain.close()
    with pytest.raises(LogUnusable):
        opened(read_only=True).verify()


def test_a_snapshot_that_was_moved_is_passed_over(opened, path, kept_lamps):
    with opened(model=kept_lamps) as log:
        write_all_kinds(log)
        state = log.state_at(log.head - 5)
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.execute("update snapshot set position = position - 5")
    plain.close()
    log = opened(model=kept_lamps, read_only=True)

    assert log.state_at(log.head - 5) == state


def test_a_log_is_verified_while_it_is_written_to(opened, light, kept_lamps):
    log = opened(keep=Keep(records=100), model=kept_lamps)
    light(log, 50)
    reader = opened(read_only=True)
    light(log, 10)
    checked = reader.verify()
    light(log, 500)

    assert checked == 50
    assert max(reader.verified()) == log.head
