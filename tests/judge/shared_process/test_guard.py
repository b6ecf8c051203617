"""The guard: what is replaced, removed, added or rewritten is named and put back, whatever it says
of itself.
"""

import builtins
from types import ModuleType

import pytest

from harness.judge.shared_process.guard import record, restore, sentence
from harness.judge.shared_process.reach import Namespace, namespaces


def made():
    """A module with a function, a class and a table."""
    module = ModuleType("toy")
    source = """
TABLE = {"one": 1}
def double(x, by=2): return x * by
class Thing:
    def size(self): return 1
"""
    exec(compile(source, "toy.py", "exec"), vars(module))
    return module


@pytest.fixture
def toy():
    return made()


def watched(module):
    return record(namespaces([module]))


class Equal:
    """Equal to everything, as far as it is asked."""

    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


def replace_by_an_equal(toy):
    toy.double = Equal()


def remove(toy):
    del toy.double


def rewrite(toy):
    toy.double.__code__ = (lambda x, by: 0).__code__


def other_default(toy):
    toy.double.__defaults__ = (3,)


def change_a_method(toy):
    toy.Thing.size = lambda self: 2


def add_a_method(toy):
    toy.Thing.__getattribute__ = object.__getattribute__


def change_a_table(toy):
    toy.TABLE["one"] = 2


def add_to_a_table(toy):
    toy.TABLE["two"] = 2


def shadow(toy):
    toy.len = lambda _: 0


CHANGES = {
    replace_by_an_equal: "replaced toy.double",
    remove: "removed toy.double",
    rewrite: "changed the code of toy.double",
    other_default: "changed the defaults of toy.double",
    change_a_method: "replaced toy.Thing.size",
    add_a_method: "added toy.Thing.__getattribute__",
    change_a_table: "replaced toy.TABLE.one",
    add_to_a_table: "added toy.TABLE.two",
    shadow: "added toy.len",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_named_once_and_undone(toy, change):
    watch = watched(toy)
    assert restore(watch) == ()
    change(toy)
    assert restore(watch) == (CHANGES[change],)
    assert restore(watch) == ()
    assert (toy.double(4), toy.Thing().size(), toy.TABLE) == (8, 1, {"one": 1})
    assert "__getattribute__" not in vars(toy.Thing)
    assert "len" not in vars(toy)


def test_several_changes_are_named_in_one_sentence(toy):
    watch = watched(toy)
    for change in (remove, change_a_method, change_a_table, add_to_a_table, shadow):
        change(toy)
    done = restore(watch)
    assert sorted(done) == sorted(
        CHANGES[change]
        for change in (remove, change_a_method, change_a_table, add_to_a_table, shadow)
    )
    assert sentence(done[:1]) == "it removed toy.double, which the judge uses"
    assert sentence(done).endswith(f"{done[2]} and 2 more, which the judge uses")
    assert sentence(("replaced numpy.dot",), "something") == (
        "something replaced numpy.dot, which the judge uses"
    )


@pytest.mark.parametrize(
    "note",
    [
        lambda toy: setattr(toy, "__warningregistry__", {}),
        lambda toy: setattr(toy, "further", 1),
        lambda toy: setattr(toy.Thing, "__slotnames__", []),
        lambda toy: setattr(toy.Thing, "__annotations__", {}),
    ],
)
def test_notes_of_others_are_no_change_and_are_left_alone(toy, note):
    watch = watched(toy)
    note(toy)
    before = {**vars(toy)}, {**vars(toy.Thing)}
    assert restore(watch) == restore(watch) == ()
    assert before == ({**vars(toy)}, {**vars(toy.Thing)})
    toy.double = None
    assert restore(watch) == ("replaced toy.double",)


def test_of_a_part_of_a_namespace_nothing_else_counts(toy):
    space = Namespace("toy", toy, vars(toy), ("double",))
    watch = record([space])
    toy.Thing = toy.abs = None
    assert restore(watch) == ()
    remove(toy)
    assert restore(watch) == ("removed toy.double",)


def test_another_class_of_a_module_is_a_change(toy):
    watch = record([Namespace("toy", toy, vars(toy), ("double",))])

    class Other(ModuleType):
        pass

    toy.__class__ = Other
    assert restore(watch) == ("changed the class of toy",)
    assert type(toy) is ModuleType


def test_a_namespace_is_recorded_under_its_first_name(toy):
    toy.ALIAS = toy.TABLE
    watch = watched(toy)
    toy.TABLE["one"] = 5
    assert restore(watch) == ("replaced toy.TABLE.one",)


def test_the_guard_needs_no_builtin_while_it_works(toy):
    watch = watched(toy)
    remove(toy)
    own, originals = vars(builtins), {**vars(builtins)}
    blank = {name: None for name in originals if not name.startswith("__")}
    try:
        own.update(blank)
        done = restore(watch)
    finally:
        own.update(originals)
    assert done == ("removed toy.double",)
