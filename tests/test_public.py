"""The public face: names that may be relied on, and nothing that costs a start."""

import subprocess
import sys

import pytest

import wayfold


@pytest.mark.parametrize("name", wayfold.__all__)
def test_every_public_name_is_there(name):
    assert getattr(wayfold, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'conect'"):
        wayfold.conect  # noqa: B018


def test_every_error_is_a_wayfold_error_and_public():
    import wayfold.errors

    for name in wayfold.errors.__all__:
        assert issubclass(getattr(wayfold.errors, name), wayfold.WayfoldError)
        assert name in wayfold.__all__


def test_importing_wayfold_starts_no_thread_and_loads_no_asyncio():
    program = (
        "import sys, threading, wayfold; wayfold.connect;"
        "assert threading.active_count() == 1;"
        "late = {'asyncio', 'pytest', 'cairocffi', 'rich', 'wayfold.testing'};"
        "assert not late & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()


def test_the_harness_is_imported_without_the_client_and_what_it_needs():
    program = (
        "import sys, wayfold.testing as t; [getattr(t, name) for name in t.__all__];"
        "late = {'wayfold.client', 'wayfold.log', 'pywayland', 'cffi', 'msgspec', 'apsw'};"
        "assert not late & set(sys.modules), late & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("name", ["aio", "client", "errors", "log", "model", "reactions"])
def test_a_public_module_is_there_after_importing_wayfold_alone(name):
    program = f"import wayfold; assert wayfold.{name}.__name__ == 'wayfold.{name}'"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()


def test_a_completion_offers_every_public_name():
    import wayfold.testing

    for module in (wayfold, wayfold.testing):
        assert set(module.__all__) <= set(dir(module))


def test_one_compositor_is_imported_without_the_others():
    program = (
        "import sys, wayfold.testing.weston;"
        "late = {'wayfold.testing.scripted', 'wayfold.testing.sway'};"
        "assert not late & set(sys.modules), late & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()


def test_aio_is_there_after_importing_wayfold_alone():
    program = "import wayfold; wayfold.aio.connect"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()
