"""A model of an application's own facts answers what was true when, in memory and in a file."""

import enum
import importlib.util
import math
import re
import sys
from collections import Counter
from typing import NamedTuple

import msgspec
import pytest

from wayfold.log import Fact, FactModel, Keep, Log


class Order(msgspec.Struct, frozen=True):
    items: tuple[str, ...] = ()
    is_paid: bool = False


class Orders(FactModel):
    initial = {}  # noqa: RUF012
    state_type = dict[str, Order]

    def evolve(self, state, fact):
        order = state.get(fact.subject, Order())
        match fact.name:
            case "order.filled":
                order = msgspec.structs.replace(order, items=(*order.items, fact.data["item"]))
            case "order.paid":
                order = msgspec.structs.replace(order, is_paid=True)
            case _:
                return state
        return {**state, fact.subject: order}


def fill(log):
    for item in ("tea", "cup"):
        log.append("order.filled", "order/1", {"item": item})
    log.append("weather.told", "sky", {"is": "blue"})
    log.append("order.paid", "order/1")


@pytest.fixture(params=["memory", "file"])
def log(request, tmp_path):
    is_file = request.param == "file"
    made = Log.open(tmp_path / "a", model=Orders()) if is_file else Log.memory(model=Orders())
    with made:
        yield made


def test_it_tells_what_was_true_and_what_made_it_so(log):
    fill(log)

    assert log.state == {"order/1": Order(("tea", "cup"), is_paid=True)}
    assert log.state_at(1) == {"order/1": Order(("tea",))}
    assert [c.path for c in log.diff(2, 4)] == ["order/1.is_paid"]
    assert [r.position for r in log.why("order/1.items")] == [2, 1]


class Counting(Orders):
    folded = 0

    def evolve(self, state, fact):
        self.folded += 1
        return super().evolve(state, fact)


class Changed(Counting):
    version = 2


@pytest.mark.parametrize(("kind", "folded"), [(Counting, 0), (Changed, 4)])
def test_a_log_is_opened_again_with_the_states_that_this_code_made(kind, folded, tmp_path):
    with Log.open(tmp_path / "a", model=Counting()) as log:
        fill(log)
    model = kind()
    with Log.open(tmp_path / "a", model=model, read_only=True) as log:
        assert log.state == {"order/1": Order(("tea", "cup"), is_paid=True)}
        assert model.folded == folded


def test_a_bounded_log_keeps_the_state_at_its_cut(tmp_path):
    with Log.open(tmp_path / "a", model=Orders(), keep=Keep(records=64)) as log:
        fill(log)
        for item in range(300):
            log.append("order.filled", "order/2", {"item": str(item)})
        assert log.cut > 4
    with Log.open(tmp_path / "a", model=Orders()) as log:
        assert log.state["order/1"] == Order(("tea", "cup"), is_paid=True)
        assert len(log.state["order/2"].items) == 300


def test_code_that_was_changed_has_another_name(tmp_path):
    assert Orders().fingerprint == Orders().fingerprint != Changed().fingerprint
    names = {fingerprint_of(tmp_path / f"{n}.py", text) for n, text in enumerate(("1", "2", "2"))}
    assert len(names) == 2


def fingerprint_of(path, version):
    path.write_text(
        f"from wayfold.log import FactModel\n\n\nclass Mine(FactModel):\n    initial = {version}\n"
    )
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module.Mine().fingerprint


def test_code_that_cannot_be_read_keeps_nothing():
    space = {"FactModel": FactModel}
    exec("class Typed(FactModel):\n    initial = 0", space)

    assert space["Typed"]().fingerprint == ""


class Mood(enum.StrEnum):
    GOOD = "good"


class Pair(NamedTuple):
    first: int
    second: int


NOT_AS_IT_WAS = [
    ((1, 2), "it is of type tuple and comes back as list"),
    ({"a": [1, (2,)]}, r"it\['a'\]\[1\] is of type tuple and comes back as list"),
    ({"a": {1, 2}}, r"it\['a'\] is of type set and comes back as list"),
    ({"a": Mood.GOOD}, r"it\['a'\] is of type Mood and comes back as str"),
    ({Mood.GOOD: 1}, "it's key <Mood.GOOD: 'good'> is of type Mood and comes back as str"),
    (Counter("abc"), "it is of type Counter and comes back as dict"),
    ([Pair(1, 2)], r"it\[0\] is of type Pair and comes back as list"),
    ({"a": Order()}, r"it\['a'\] is of type Order and comes back as dict"),
    ({"a": object()}, "object is unsupported"),
    ([2**70], "can't serialize|too large|out of range"),
]


def told_by(value):
    """Give a model, new each time, whose state is this value once it has heard of anything."""

    class Telling(FactModel):
        initial = None

        def evolve(self, state, fact):
            return value

    return Telling()


@pytest.mark.parametrize(("value", "told"), NOT_AS_IT_WAS)
def test_a_state_that_would_come_back_as_another_is_kept_nowhere(value, told, tmp_path, caplog):
    for _ in range(2):
        with Log.open(tmp_path / "a", model=told_by(value)) as log:
            log.append("a.b", "c")
        with Log.open(tmp_path / "a", model=told_by(value), read_only=True) as log:
            assert repr(log.state) == repr(value)

    assert len(caplog.records) == 2
    (said, _) = caplog.messages
    assert re.search(f"no snapshot is kept, .*Telling cannot be kept in a file: .*{told}", said)
    assert "; name the type of its states in state_type, or make them of lists" in said


def test_a_state_that_cannot_be_kept_is_told_once_and_appends_go_on(tmp_path, caplog):
    with Log.open(tmp_path / "a", model=told_by({"a": (1,)})) as log:
        for _ in range(5):
            log.append_facts([Fact("a.b", "c")] * 2000)
        assert log.state == {"a": (1,)}

    assert [record.name for record in caplog.records] == ["wayfold.log"]


def test_a_bounded_log_refuses_a_cut_whose_state_would_be_another(tmp_path):
    log = Log.open(tmp_path / "a", model=told_by({"a": (1,)}), keep=64)
    with pytest.raises(TypeError, match="Telling cannot be kept in a file: it"), log:
        for _ in range(300):
            log.append("a.b", "c")

    with Log.open(tmp_path / "a", model=told_by({"a": (1,)}), read_only=True) as log:
        assert (log.cut, log.state) == (0, {"a": (1,)})


@pytest.mark.parametrize("value", [None, math.nan, {"a": [1.5, b"x", True, {1: None}]}])
def test_plain_states_are_kept_as_they_are(value, tmp_path, caplog):
    model = told_by(value)
    with Log.open(tmp_path / "a", model=model) as log:
        log.append("a.b", "c")

    assert repr(model.load(model.dump(value))) == repr(value)
    assert not caplog.records


def test_a_state_of_another_type_than_was_named_is_told():
    with pytest.raises(TypeError, match=r"Expected `object`, got `int` - at `\$\[...\]`; name"):
        Orders().dump({"order/1": 3})
