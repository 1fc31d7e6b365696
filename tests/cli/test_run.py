"""`wayfold run` stands between a program and its caller, and neither notices."""

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wayfold.cli.hosts import HOSTS
from wayfold.testing.environment import FOREIGN, VARIABLES
from wayfold.testing.image import Image

COMMAND = [sys.executable, "-W", "error", "-m", "wayfold", "run"]
TIMEOUT_S = 20
ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"
COUNT_INTERRUPTS = """
import os, signal, sys
reader, writer = os.pipe2(os.O_NONBLOCK)
signal.set_wakeup_fd(writer)
signal.signal(signal.SIGINT, lambda *_: None)
print("ready", flush=True)
input()
print("interrupts:", len(os.read(reader, 99)), flush=True)
sys.exit(3)
"""


def run(*arguments, **options):
    given = {"capture_output": True, "text": True, "timeout": 50, "check": False}
    return subprocess.run([*COMMAND, *arguments], **(given | options))


@contextlib.contextmanager
def started(*arguments, **options):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [*COMMAND, *arguments]
    with subprocess.Popen(command, text=True, **(pipes | options)) as process:
        try:
            yield process
        finally:
            process.kill()


def environment_of(*arguments):
    return json.loads(run(*arguments, sys.executable, "-c", ENVIRONMENT).stdout)


def processes_in(directory):
    """Give the processes whose runtime directory this is."""
    wanted = b"XDG_RUNTIME_DIR=" + os.fsencode(directory)
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "comm").read_text().strip()
    return found


def pid_of(program, directory):
    # What it starts has its name for a moment, and began later; its number may be a lower one.
    found = [pid for pid, name in processes_in(directory).items() if name == program]
    return min(found, key=lambda pid: (ticks_at_start(pid), pid))


def ticks_at_start(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def has_ended(pid):
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    ended = bool(poll.poll(TIMEOUT_S * 1000))
    os.close(descriptor)
    return ended


# -- what comes back ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -9 $$", 137)],
)
def test_the_exit_code_is_the_programs_and_nothing_is_said(script, code):
    done = run("--", "sh", "-c", script)

    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@pytest.mark.parametrize(
    ("program", "code", "reason"),
    [("/etc/passwd", 126, "Permission denied"), ("nosuch", 127, "No such file or directory")],
)
def test_a_program_that_cannot_be_run_is_told_as_a_shell_tells_it(program, code, reason):
    done = run(program)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr == f"wayfold run: {program} cannot be run: {reason}\n"


def test_input_output_and_errors_pass_untouched():
    data = bytes(range(256)) * 1000
    done = run("sh", "-c", "cat; echo wrong >&2", input=data, text=False)

    assert (done.returncode, done.stderr) == (0, b"wrong\n")
    assert done.stdout == data


def test_what_follows_the_program_is_the_programs():
    for separator in ((), ("--",)):
        done = run("-a", *separator, "echo", "--timeout", "0", "-c", "--", "--help")
        assert done.stdout == "--timeout 0 -c -- --help\n"


def test_no_signal_is_ignored_or_blocked():
    told = run("grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status").stdout
    masks = [int(line.split()[1], 16) for line in told.splitlines()]
    # glibc's posix_spawn ignores the two signals that its threads use among themselves.
    internal = 1 << 31 | 1 << 32

    assert [mask & ~internal for mask in masks] == [0, 0]


def test_descriptors_pass_and_none_of_ours_comes_along():
    program = "import os; [print(n, end=' ') for n in range(999) if os.path.exists(f'/dev/fd/{n}')]"
    with open("/dev/null") as file:
        done = run(sys.executable, "-c", program, pass_fds=[file.fileno()])
        assert done.stdout == f"0 1 2 {file.fileno()} "


# -- what the program finds ---------------------------------------------------------------------


def test_the_environment_is_that_of_a_wayland_session_and_of_no_other(monkeypatch):
    for name in FOREIGN:
        monkeypatch.setenv(name, "foreign")
    monkeypatch.setenv("MINE", "kept")
    found = environment_of()

    assert found["MINE"] == "kept"
    assert "foreign" not in found.values()
    for variable in VARIABLES:
        assert found[variable.name] == variable.value
    assert found["WAYLAND_DISPLAY"].startswith(found["XDG_RUNTIME_DIR"])


def test_its_runtime_directory_is_private_short_and_gone_afterwards():
    directory = run("sh", "-c", "stat -c %a $XDG_RUNTIME_DIR; echo $XDG_RUNTIME_DIR").stdout
    mode, path = directory.split()

    assert mode == "700"
    assert len(path) < 40
    assert not Path(path).parent.exists()


@pytest.mark.parametrize("compositor", HOSTS)
def test_every_compositor_has_what_a_window_needs(compositor):
    done = run("-c", compositor, "wayland-info")

    assert done.returncode == 0, done.stderr
    for interface in ("wl_compositor", "wl_shm", "wl_output", "xdg_wm_base"):
        assert f"'{interface}'" in done.stdout


@pytest.mark.parametrize("compositor", ["weston-named", "weston-seat", "sway"])
def test_size_and_scale_are_those_asked_for(compositor):
    arguments = ("-c", compositor, "--size", "800x600", "--scale", "2")
    told = run(*arguments, "wayland-info", "-i", "wl_output").stdout

    assert "width: 800 px, height: 600" in told
    assert "scale: 2" in told


@pytest.mark.parametrize("compositor", [(), ("-c", "cage"), ("-c", "mutter")])
def test_several_outputs_are_there(compositor):
    told = run(*compositor, "--outputs", "2", "wayland-info", "-i", "wl_output").stdout

    assert told.count("'wl_output'") == 2


def test_mutter_brings_a_session_bus_of_its_own():
    found = environment_of("-c", "mutter")

    assert found["DBUS_SESSION_BUS_ADDRESS"] == f"unix:path={found['XDG_RUNTIME_DIR']}/bus"


# -- how it is ended ----------------------------------------------------------------------------


def test_a_program_that_takes_too_long_is_ended_with_124():
    done = run("--timeout", "0.2", "sleep", "1000")

    assert done.returncode == 124
    assert done.stderr == "wayfold run: not ended after 0.2 s, and so ended\n"


def test_a_program_that_will_not_end_is_killed():
    done = run("--timeout", "0.1", "sh", "-c", "trap '' TERM; while :; do sleep 1000; done")

    assert done.returncode == 124


@pytest.mark.parametrize("number", ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2"])
def test_a_signal_is_passed_on_once_and_the_program_decides(number):
    script = f"trap 'echo got; exit 9' {number}; echo ready; read line"
    with started("sh", "-c", script) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.Signals[f"SIG{number}"])

        assert process.stdout.readline() == "got\n"
        assert process.wait(TIMEOUT_S) == 9


def test_a_signal_that_ends_the_program_is_told_in_the_exit_code():
    with started("sh", "-c", "echo ready; exec sleep 1000") as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)

        assert process.wait(TIMEOUT_S) == 143


@contextlib.contextmanager
def on_terminal(*arguments):
    """Start it as the leader of a session on a terminal, as a login shell would be."""
    ours, theirs = pty.openpty()
    take = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    leader = [sys.executable, "-c", f"{take} os.execv(sys.argv[1], sys.argv[1:])"]
    with subprocess.Popen(
        [*leader, *COMMAND, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        try:
            yield process, ours
        finally:
            process.kill()
            os.close(ours)


def read_until(descriptor, wanted):
    written = b""
    while wanted not in written:
        try:
            written += os.read(descriptor, 4096)
        except OSError as error:
            raise AssertionError(f"no {wanted!r} in {written!r}") from error
    return written


def test_ctrl_c_at_a_terminal_reaches_the_program_once():
    with on_terminal(sys.executable, "-c", COUNT_INTERRUPTS) as (process, terminal):
        read_until(terminal, b"ready")
        os.write(terminal, b"\x03")
        read_until(terminal, b"^C")
        os.write(terminal, b"go on\n")

        read_until(terminal, b"interrupts: 1\r\n")
        assert process.wait(TIMEOUT_S) == 3


def test_a_program_reads_from_the_terminal():
    with on_terminal("sh", "-c", "read line </dev/tty; echo got $line") as (process, terminal):
        os.write(terminal, b"typed\n")

        read_until(terminal, b"got typed")
        assert process.wait(TIMEOUT_S) == 0


# -- when something dies ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["weston", "sway"])
@pytest.mark.parametrize("client", ["sleep 1000", "weston-simple-shm"])
def test_a_compositor_that_dies_is_told_with_its_log_and_125(name, client):
    with started("-c", name, "sh", "-c", f"echo $XDG_RUNTIME_DIR; exec {client}") as process:
        directory = process.stdout.readline().strip()
        os.kill(pid_of(name, directory), signal.SIGSEGV)
        _, errors = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 125
    assert f"wayfold run: {name} crashed: killed by SIGSEGV\nits log ends with:" in errors


def test_a_compositor_that_the_program_ends_is_no_failure_of_the_program():
    done = run("-c", "sway", "sh", "-c", "swaymsg exit; exit 4")

    assert done.returncode == 4, done.stderr


def test_a_compositor_that_ends_before_the_program_is_told():
    done = run("-c", "sway", "sh", "-c", "swaymsg exit; exec sleep 1000")

    assert done.returncode == 125
    assert "wayfold run: sway ended first\nits log ends with:" in done.stderr


@pytest.mark.parametrize("name", HOSTS)
def test_what_a_caller_keeps_to_itself_does_not_keep_a_compositor_from_its_files(name):
    done = run("-c", name, "true", umask=0o077)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_compositor_that_is_not_installed_is_told_with_its_package(tmp_path):
    done = run("-c", "sway", "true", env={**os.environ, "PATH": str(tmp_path)})

    assert done.returncode == 125
    assert "sway is not installed: install the package sway" in done.stderr


def test_killed_itself_it_takes_everything_along():
    script = "echo $$ $XDG_RUNTIME_DIR; exec sleep 1000"
    with started("sh", "-c", script) as process:
        pid, directory = process.stdout.readline().split()
        compositor = pid_of("weston", directory)
        process.kill()

        assert has_ended(int(pid))
        assert has_ended(compositor)


def test_what_the_program_leaves_running_is_ended():
    done = run("sh", "-c", "setsid sleep 1000 & echo $!")

    assert done.returncode == 0
    assert has_ended(int(done.stdout))


# -- its own options ----------------------------------------------------------------------------


def test_the_compositors_log_is_kept_where_that_is_wanted(tmp_path):
    done = run("--keep-log", "true", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "weston" in (tmp_path / "wayfold-weston.log").read_text()


@pytest.mark.parametrize("compositor", ["weston-named", "weston-seat", "sway", "cage"])
def test_what_the_program_showed_last_is_kept_as_a_picture(compositor, tmp_path):
    file = tmp_path / "shown.png"
    options = ("-c", compositor, "--screenshot", str(file))
    empty = run(*options, "true")
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "")
    nothing = Image.load(file)
    shown = run(*options, "--timeout", "1", "weston-flower")
    assert shown.returncode == 124

    assert len(Image.load(file).colours - nothing.colours) > 1


def test_a_compositor_without_pictures_is_refused_for_a_screenshot(tmp_path):
    done = run("-c", "mutter", "--screenshot", str(tmp_path / "x.png"), "true")

    assert done.returncode == 125
    assert "mutter has no screencopy" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "a COMMAND is needed"),
        (("--",), "a COMMAND is needed"),
        (("-c", "fvwm", "true"), "invalid choice: 'fvwm'"),
        (("--size", "800", "true"), "'800' is not a size such as 800x600"),
        (("--scale", "0", "true"), "'0' is not a scale such as 1, 2 or 1.5"),
        (("-c", "cage", "--size", "8x6", "true"), "cage cannot be told a size or a scale"),
        (("-c", "mutter", "--scale", "2", "true"), "mutter cannot be told a scale"),
        (("-c", "sway", "--outputs", "9", "true"), "9 outputs"),
        (("--screenshot", "/nowhere/x.png", "true"), "/nowhere/x.png cannot be written"),
    ],
)
def test_wrong_use_is_told_with_2(arguments, reason):
    done = run(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: wayfold run")
    assert reason in done.stderr


def test_it_starts_without_the_client_and_what_that_needs():
    program = (
        "import sys; from wayfold.cli import main; status = main(['run', 'true']);"
        "late = {'wayfold.client', 'wayfold.log', 'pywayland', 'cffi', 'msgspec', 'apsw'};"
        "sys.exit(status or ', '.join(late & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


UNPRIVILEGED = """
import ctypes, os, pwd, sys
import wayfold.cli.run, wayfold.testing.keymap, wayfold.testing.sway, wayfold.testing.weston
from wayfold.cli import main
NO_NEW_PRIVILEGES = 38
ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
if os.geteuid() == 0:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([]), os.setgid(nobody.pw_gid), os.setuid(nobody.pw_uid)
for name in ("HOME", "USER", "LOGNAME", "XDG_RUNTIME_DIR"):
    os.environ.pop(name, None)
sys.exit(main(["run", "-c", sys.argv[1], "wayland-info"]))
"""


@pytest.mark.parametrize("compositor", ["weston-named", "sway"])
def test_it_needs_no_privilege_no_home_and_no_runtime_directory(compositor):
    command = [sys.executable, "-c", UNPRIVILEGED, compositor]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "'wl_compositor'" in done.stdout
