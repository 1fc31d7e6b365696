"""What is expected of a session's records: kept, or told with the records in order."""

import pytest

import wayfold
from wayfold import ExpectationFailed, matching
from wayfold.log import Log

ACK, COMMIT, ATTACH = "xdg_surface.ack_configure", "wl_surface.commit", "wl_surface.attach"


def failure(expectation, *arguments, **condition):
    with pytest.raises(ExpectationFailed) as caught:
        expectation(*arguments, **condition)
    return caught.value


def positions(records):
    return [record.position for record in records]


def test_one_such_record_is_enough(session):
    log = session(ATTACH, COMMIT, COMMIT)

    assert log.expect(COMMIT).position == 2
    assert log.expect("wl_surface.*").position == 1


def test_what_is_not_there_is_told_with_names_like_it_and_the_last_records(session):
    told = failure(session(ATTACH, *[COMMIT] * 7).expect, "wl_surface.comit")

    assert str(told).splitlines()[:2] == [
        "expected at least one wl_surface.comit",
        "there is no wl_surface.comit (names like it: wl_surface.commit) among 8:",
    ]
    assert [line.split()[0] for line in str(told).splitlines()[2:]] == ["4", "5", "6", "7", "8"]


def test_a_session_without_records_is_told_as_such(session):
    assert str(failure(session().expect, COMMIT)).endswith("there are no records at all")


def test_a_record_is_chosen_by_subject_origin_and_data(session):
    log = session((COMMIT, "a#1", {"x": 1}), (COMMIT, "b#2", {"x": 2}))

    assert log.expect(COMMIT, subject="b#*").position == 2
    assert log.expect(COMMIT, data={"x": 2}).position == 2
    assert log.expect(COMMIT, data={"x": lambda x: x > 1}, origin="client").position == 2
    assert "from compositor" in str(failure(log.expect, COMMIT, origin="compositor"))


def test_other_data_than_expected_is_told(session):
    told = failure(session((COMMIT, "a#1", {"x": 1})).expect, COMMIT, data={"x": 2, "y": 3})

    assert "expected at least one wl_surface.commit with x = 2, y = 3\nnone of 1 is so:" in str(
        told
    )
    assert str(told).endswith("← x is 1; it has no y")


def test_before_and_after_look_at_the_nearest(session):
    log = session(COMMIT, ACK, ATTACH, COMMIT)

    assert log.expect(ACK, before=COMMIT).position == 2
    assert log.expect(COMMIT, after=ACK).position == 4
    assert failure(log.expect, ACK, before=ACK).offending[0].position == 2


def test_within_counts_between_the_two(session):
    log = session((ACK, "x#1", {}, 0), (COMMIT, "s#2", {}, 420))

    assert log.expect(ACK, before=COMMIT, within=0.42)
    told = failure(log.expect, ACK, before=COMMIT, within=0.1)
    assert str(told) == "\n".join(
        [
            "expected at least one xdg_surface.ack_configure, before wl_surface.commit, "
            "within 0.1 s",
            "none of 1 is so:",
            "  !      1    +0.000000 s  client      x#1                           "
            "xdg_surface.ack_configure   ← wl_surface.commit comes 0.420000 s after it, at 2",
            "         2    +0.420000 s  client      s#2                           "
            "wl_surface.commit",
        ]
    )


def test_a_time_without_another_record_is_refused(session):
    with pytest.raises(ValueError, match="before or after"):
        session(ACK).expect(ACK, within=1)


def test_of_the_same_subject_only(session):
    log = session((ATTACH, "s#1"), (COMMIT, "s#2"), (COMMIT, "s#1"))

    assert positions(log.expect.always(COMMIT, after=ATTACH)) == [2, 3]
    told = failure(log.expect.always, COMMIT, after=ATTACH, same_subject=True)
    assert positions(told.offending) == [2]


def test_always_tells_which_are_not_so_and_needs_one(session):
    log = session(ACK, COMMIT, ACK)
    told = failure(log.expect.always, ACK, before=COMMIT)

    assert "1 of 2 is so:" in str(told)
    assert (positions(told.matching), positions(told.offending)) == ([1, 3], [3])
    assert "no wl_surface.commit comes after it" in str(told)
    assert "there is no" in str(failure(log.expect.always, ATTACH))


def test_never_shows_every_one_that_came(session):
    log = session(ATTACH, COMMIT, COMMIT)
    log.expect.never(ACK)
    log.expect.never(COMMIT, before=ATTACH)
    told = failure(log.expect.never, COMMIT, after=ATTACH)

    assert "expected no wl_surface.commit, after wl_surface.attach\nit came 2 times:" in str(told)
    assert positions(told.offending) == [2, 3]


def test_a_number_of_them(session):
    log = session(ATTACH, COMMIT, COMMIT)

    assert positions(log.expect.count(COMMIT, 2)) == [2, 3]
    assert log.expect.count(ACK, 0) == []
    assert len(log.expect.count(COMMIT, at_least=1, at_most=2)) == 2
    assert "expected at most 1 wl_surface.commit\nfound 2:" in str(
        failure(log.expect.count, COMMIT, at_most=1)
    )
    with pytest.raises(ValueError, match="needs a number"):
        log.expect.count(COMMIT)


def test_one_behind_the_other(session):
    log = session(COMMIT, ACK, ATTACH, COMMIT)

    assert positions(log.expect.in_order(ACK, matching("wl_surface.*"), COMMIT)) == [2, 3, 4]
    told = failure(log.expect.in_order, ACK, COMMIT, ATTACH)
    assert "2 came in order; no wl_surface.attach behind position 4:" in str(told)
    assert "wl_surface.attach   ← too early" in str(told)


def test_only_what_is_behind_a_position(session):
    log = session(COMMIT, ACK)
    log.expect.after(1).never(COMMIT)

    assert "expected at least one wl_surface.commit, behind position 1\n" in str(
        failure(log.expect.after(1), COMMIT)
    )


def test_of_very_many_the_middle_is_left_out(session):
    told = str(failure(session(*[COMMIT] * 500).expect.never, COMMIT))

    assert "    … 470 more of them …" in told
    assert len(told.splitlines()) == 33


def test_what_a_bounded_log_has_dropped_is_not_looked_at():
    log = Log.memory(keep=10)
    log.append("first", "a")
    for _ in range(40):
        log.append("second", "a")
    assert log.cut

    log.expect.never("first")
    assert len(log.expect.count("second", at_least=10)) == len(log)


def test_waiting_dispatches_until_the_record_is_there(client, scripted_server):
    client.loop.call_later(0.01, lambda: scripted_server.add_output("DP-9"))
    added = client.expect.eventually("output.added", data={"name": "DP-9"}, timeout=20)

    assert client.log[added.position] == added
    client.expect("wl_registry.global", before="output.added", within=10)


def test_waiting_looks_at_every_record_that_comes(session):
    log = session(ACK, ACK)
    expect = log.expect.advanced_by(lambda _: log.append(COMMIT, "s#1"))

    assert expect.eventually(COMMIT).position == 3
    assert expect.eventually(COMMIT, after=ACK).position == 3


def test_gaps_between_the_records_are_told(session):
    told = failure(session(COMMIT, ACK, COMMIT, COMMIT, ACK, ACK, COMMIT).expect.never, COMMIT)

    assert [line.strip() for line in str(told).splitlines() if "…" in line] == [
        "… 1 other record",
        "… 2 other records",
    ]


def test_waiting_in_vain_ends_in_time_and_tells_why(client):
    told = failure(client.expect.eventually, "output.removed", timeout=0.05)

    assert str(told).startswith("expected output.removed, to come within 0.05 s\nthere is no ")
    assert client.is_open


def test_what_ends_the_wait_says_what_was_waited_for(client, scripted_server):
    scripted_server.hang_up()
    with pytest.raises(wayfold.ConnectionLost) as caught:
        client.expect.eventually("output.removed")

    assert caught.value.__notes__ == ["while this was expected: output.removed"]


def test_a_log_into_which_nothing_comes_is_not_waited_for(session):
    with pytest.raises(ValueError, match=r"client\.expect"):
        session(ACK).expect.eventually(COMMIT)
