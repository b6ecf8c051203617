import pytest

from harness.models.comparison import settings
from harness.models.relations import relations
from references.read import read_layer
from tests.benchmarks.ports import ARRAYS, KINDS, SETTINGS, faults
from tests.models.pairs import arrays, model

KIND = {"rnn": ("rnn", 2, True), "gru": ("gru", 1, False), "lstm": ("lstm", 2, False)}


@pytest.mark.parametrize("cell", KIND)
def test_each_fault_of_arrays_and_settings_is_named(cell):
    _, layers, both = KIND[cell]
    config, weights = model(cell, num_layers=layers, bidirectional=both, input_size=3)
    own, count = read_layer(arrays(config, weights)), 0
    assert all(relation.holds for relation in relations(own, own))
    for fault, other in faults(KIND[cell], config, weights):
        if fault in (*ARRAYS, *SETTINGS):
            port = read_layer(other)
            wrong = [one.words for one in relations(own, port) if not one.holds]
            wrong += map(str, settings(own.config, port.config))
            assert any(fault.words in words for words in wrong), (fault.name, wrong)
            count += 1
    assert count > 10


def test_every_fault_exists_for_some_model():
    assert all(any(fault.applies(kind) for kind in KINDS) for fault in (*ARRAYS, *SETTINGS))
