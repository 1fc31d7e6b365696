"""What a file stores of a packed event is what its record would give, however many come at once."""

import pytest

from wayfold.log.encoding import columns


@pytest.fixture
def batches(client):
    """Hear every batch, with the position of its first record."""
    client.roundtrip()
    heard = []
    client.log.listen(lambda first, batch, derived: heard.append((first, batch)))
    return heard


@pytest.mark.parametrize("count", [1, 7, 8, 300, 600])
def test_rows_are_what_the_records_would_give(scripted_server, client, batches, count):
    for k in range(count):
        scripted_server.event("wl_pointer", "motion", k, k / 256, -k)
    for k in range(count):
        scripted_server.event("wl_output", "mode", 1, -k, (1 << 31) - 1, 60000)
    for _ in range(count):
        scripted_server.event("wl_output", "description", 'ż "quoted"\n')
    for _ in range(count):
        scripted_server.event("wl_pointer", "frame")
    client.roundtrip()

    assert sum(len(batch) for _, batch in batches) >= 4 * count
    for first, batch in batches:
        told = [columns(record) for record in batch.records(0, len(batch), first, None)]
        assert [row for rows in batch.rows(first) for row in rows] == told
