"""What may be at the path of a log, and become of it meanwhile: told, and nothing destroyed."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from wayfold.errors import LogBusy, LogDamaged, LogFull, LogInUse, LogUnusable, NotALog
from wayfold.log import Log
from wayfold.log.place import Place
from wayfold.log.sqlite import SqliteStore

NOBODY = 65534


@pytest.fixture
def written(opened, path, light):
    """A log of 30 records, closed."""
    with opened() as log:
        light(log, 30)
    return path


def plain_sql(path, statement):
    """Run a statement in another process, as somebody with sqlite3 would."""
    program = (
        f"import sqlite3; found = sqlite3.connect({str(path)!r}).execute({statement!r}).fetchall();"
        "print(found)"
    )
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize("read_only", [False, True])
def test_what_is_no_regular_file_is_no_log(tmp_path, read_only):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(NotALog, match="it is no regular file"):
        Log.open(fifo, read_only=read_only)
    with pytest.raises(NotALog, match="it is a directory"):
        Log.open(tmp_path, read_only=read_only)
    with pytest.raises(NotALog, match="it is no regular file"):
        Log.open("/dev/null", read_only=read_only)

    assert os.listdir(tmp_path) == ["fifo"]
    assert not os.path.exists(f"{tmp_path}.lock")


def test_a_folder_that_is_missing_is_told_with_what_to_do(tmp_path):
    with pytest.raises(LogUnusable, match="its folder does not exist; make that, or name another"):
        Log.open(tmp_path / "none" / "x.wayfold")


def test_a_name_that_is_too_long_or_under_a_file_is_told(tmp_path, written):
    for path in (tmp_path / ("x" * 254), f"{written}/x"):
        with pytest.raises(LogUnusable, match="name another file"):
            Log.open(path)


def test_a_symbolic_link_is_the_file_that_it_names(written, opened, tmp_path):
    link = tmp_path / "links" / "link.wayfold"
    link.parent.mkdir()
    link.symlink_to(written)
    log = opened(link)
    log.append("lamp.lit", "lamp/2", {"level": 1})
    with pytest.raises(LogInUse):
        Log.open(written)

    assert log.sync() == 31
    assert os.listdir(link.parent) == ["link.wayfold"]
    log.close()
    assert opened(written).verify() == 31


def test_a_lock_that_is_a_link_empties_nobodys_file(path, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    os.symlink(precious, f"{path}.lock")
    with pytest.raises(LogUnusable):
        Log.open(path)

    assert precious.read_text() == "mine"
    assert not os.path.exists(path)


@pytest.mark.parametrize("left", [b"", b"999999\n", b"no number \xff\n"])
def test_a_lock_that_nobody_holds_is_taken(written, opened, left):
    with open(f"{written}.lock", "wb") as file:
        file.write(left)

    assert opened().head == 30


@pytest.mark.parametrize("left", [b"", b"no number \xff\n"])
def test_a_writer_that_does_not_tell_its_process_is_told_as_another(written, opened, left):
    opened()
    with open(f"{written}.lock", "wb") as file:
        file.write(left)
    with pytest.raises(LogInUse, match="another process writes to it") as caught:
        Log.open(written)

    assert caught.value.pid is None


def test_a_reader_in_the_same_process_takes_no_lock_away(opened, path, light):
    log = opened()
    light(log, 3)
    opened(read_only=True).close()
    with pytest.raises(LogInUse):
        Log.open(path)

    # Whoever closes last moves the WAL into the file and takes it away.
    assert plain_sql(path, "select count(*) from record") == "[(3,)]"
    assert os.path.exists(f"{path}-wal")
    light(log, 3)
    assert log.sync() == 6
    assert plain_sql(path, "select count(*) from record") == "[(6,)]"


@pytest.mark.parametrize("suffix", ["", "-wal"])
@pytest.mark.parametrize("by", ["removed", "replaced"])
def test_a_file_that_is_taken_away_is_told_by_the_next_sync(opened, path, light, suffix, by):
    log = opened()
    light(log, 3)
    log.sync()
    os.rename(path + suffix, f"{path}-moved")
    if by == "replaced":
        with open(path + suffix, "wb"):
            pass
    light(log, 1)
    with pytest.raises(LogDamaged, match=r"could not be synced: .*(moved|No such file)"):
        log.sync()

    assert log.durable == 3
    with pytest.raises(LogDamaged):
        light(log, 1)


@pytest.mark.parametrize("by", ["removed", "replaced"])
@pytest.mark.parametrize("is_told", [False, True])
def test_a_file_that_was_moved_while_it_was_written_is_whole_once_closed(
    opened, path, light, by, is_told
):
    log = opened()
    light(log, 30)
    log.sync()
    os.rename(path, f"{path}-moved")
    if by == "replaced":
        Path(path).write_bytes(b"")
    if is_told:
        light(log, 3)
        with pytest.raises(LogDamaged):
            log.sync()
    log.close()

    for read_only in (True, False):
        with opened(f"{path}-moved", read_only=read_only) as moved:
            assert moved.verify() == (33 if is_told else 30)


MOVED = """
import sys, wayfold

with wayfold.Log.open(sys.argv[1]) as log:
    for _ in range(300):
        log.append("lamp.lit", "lamp/2", {"level": 2})
with wayfold.Log.open(sys.argv[1]) as log:
    print(log.sync(), flush=True)
    sys.stdin.read()
    log.append("lamp.lit", "lamp/2", {"level": 3})
    print(log.sync())
"""


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("is_synced", [False, True])
def test_a_file_that_was_moved_keeps_what_another_writes_to_it_there(
    opened, path, light, is_open, is_synced
):
    log = opened()
    light(log, 30)
    if is_synced:
        log.sync()
    os.rename(path, f"{path}-moved")
    with subprocess.Popen(
        [sys.executable, "-c", MOVED, f"{path}-moved"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout.readline() == b"300\n"
        if not is_open:
            other.communicate()
        with contextlib.nullcontext() if is_synced else pytest.raises(LogDamaged):
            log.close()
        if is_open:
            assert other.communicate() == (b"301\n", None)

    assert opened(f"{path}-moved").verify() == 301


def test_a_file_with_another_name_is_only_read(written, opened, light, tmp_path):
    linked = tmp_path / "linked"
    os.link(written, linked)
    for name in (written, linked):
        with pytest.raises(LogUnusable, match="2 names"):
            Log.open(name)
        with opened(name, read_only=True) as log:
            assert log.verify() == 30

    linked.unlink()
    light(opened(), 1)


def test_a_wal_without_its_index_is_read_as_it_is(opened, path, light, tmp_path):
    log = opened()
    light(log, 30)
    copied = tmp_path / "copied"
    copied.mkdir()
    for suffix in ("", "-wal"):
        (copied / f"x{suffix}").write_bytes(Path(path + suffix).read_bytes())

    assert opened(copied / "x", read_only=True).verify() == 30
    assert opened(copied / "x").verify() == 30


def test_a_lost_wal_leaves_whole_what_had_reached_the_file(written, opened, path, light, tmp_path):
    log = opened()
    light(log, 5)
    copied = tmp_path / "copied"
    copied.write_bytes(Path(path).read_bytes())

    assert opened(copied).verify() == 30


@pytest.fixture
def mounted(small_disk):
    """A small file system, and how to have it read-only."""

    def remount(options):
        subprocess.run(["mount", "-o", f"remount,{options}", small_disk], check=True)

    yield small_disk, remount
    remount("rw")


def test_a_closed_log_is_read_where_nothing_can_be_written(mounted, opened, light):
    place, remount = mounted
    with opened(place / "x") as log:
        light(log, 30)
    remount("ro")
    with opened(place / "x", read_only=True) as log:
        assert log.verify() == 30
        assert log.state == {"lamp/1": 30}
    with pytest.raises(LogUnusable, match="Read-only file system: name another file"):
        Log.open(place / "x")


def test_a_closed_log_is_read_by_a_user_who_may_write_nothing_there(opened, light):
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are for one user's eyes
        path = Path(folder, "x")
        with opened(path) as log:
            light(log, 30)
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        child = os.fork()
        if child == 0:
            os._exit(not is_read_by_another(path))
        status = os.waitpid(child, 0)[1]
        Path(folder).chmod(0o755)

    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_what_another_users_reading_left_is_told_to_the_next_writer(opened, light, suffix):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x")
        with opened(path) as log:
            light(log, 30)
        Path(folder, f"x{suffix}").touch(0o444)
        path.chmod(0o666)
        Path(folder).chmod(0o777)
        child = os.fork()
        if child == 0:
            os._exit(not is_told_to_another(path, f"x{suffix}, which somebody else's"))
        status = os.waitpid(child, 0)[1]

    assert os.waitstatus_to_exitcode(status) == 0


def is_told_to_another(path, reason):
    if os.geteuid() == 0:
        os.setresuid(NOBODY, NOBODY, NOBODY)
    try:
        Log.open(path)
    except BaseException as error:
        return type(error) is LogUnusable and reason in str(error)
    return False


def is_read_by_another(path):
    with contextlib.suppress(BaseException):
        if os.geteuid() == 0:
            os.setresuid(NOBODY, NOBODY, NOBODY)
        with Log.open(path, read_only=True) as log:
            return log.verify() == 30
    return False


def test_a_full_disk_is_told_by_whoever_opens_a_log_there(mounted, opened, light):
    place, _ = mounted
    with opened(place / "x") as log:
        light(log, 30)
    filler = os.open(place / "filler", os.O_CREAT | os.O_WRONLY)
    with pytest.raises(OSError, match="No space left"):
        while True:
            os.write(filler, b"x" * 4096)
    os.close(filler)
    for name in ("x", "new"):
        with pytest.raises(LogFull, match="the disk is full; make room and open it again"):
            Log.open(place / name)
    os.unlink(place / "filler")

    assert opened(place / "x").verify() == 30
    assert opened(place / "new").verify() == 0


def test_a_program_that_holds_the_file_is_told_and_nothing_is_lost(written, lamps):
    log = Log(SqliteStore(written, busy_ms=1), lamps)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import sqlite3, sys; held = sqlite3.connect({written!r}, isolation_level=None);"
            "held.execute('begin immediate'); print('held', flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        holder.stdout.readline()
        with pytest.raises(LogBusy, match="another program keeps it locked"):
            log.append("lamp.lit", "lamp/1", {"level": 31})
        assert log.head == 30
        holder.stdin.close()

    assert log.append("lamp.lit", "lamp/1", {"level": 31}).position == 31
    assert log[31].version == 31
    log.close()


def test_a_reader_that_closes_while_a_log_is_made_takes_no_wal_from_it(path, monkeypatch):
    program = f"from wayfold.log.tidying import tidy; tidy({str(path)!r}, None)"
    remember = Place.remember

    def tidied(place):
        subprocess.run([sys.executable, "-c", program], check=True)
        remember(place)

    monkeypatch.setattr(Place, "remember", tidied)
    with Log.open(path) as log:
        log.append("lamp.lit", "lamp/1")

        assert log.sync() == 1
