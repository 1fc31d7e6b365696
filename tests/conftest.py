"""What tests of the client share: one of a scripted server, and a count of open descriptors."""

import gc
import os

import pytest

import wayfold


@pytest.fixture
def client(scripted_server):
    """A client of the scripted server, with its first state complete."""
    with wayfold.connect(scripted_server.client_socket) as made:
        yield made


@pytest.fixture
def open_descriptors():
    """Count the descriptors of this process."""

    def count():
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    return count
