"""K against what was measured: the file in the package, and the worst points of it measured again
on what is installed.
"""

import json
from importlib.resources import files
from types import SimpleNamespace

import numpy as np
import pytest

from harness.judge.bounds.activation import EMPTY, FULL, FUNCTIONS, ONE_FROM, SMOOTH
from harness.runs import calibrate
from references import REFERENCES, Unknown, installed, module
from references.cells.activations import ACTIVATIONS

ROWS = json.loads(
    files("harness.judge.bounds").joinpath("calibration.json").read_text(encoding="utf-8")
)

# ONNX Runtime needs more than K: that is a finding, see the ledger.
MEASURED = [name for name, row in REFERENCES.items() if not row.by_request]


def paths(name, nonlinearity):
    return (
        module(name).activation_paths(nonlinearity)
        if REFERENCES[name].needs
        else {"loop": ACTIVATIONS[nonlinearity]}
    )


@pytest.mark.framework
def test_every_activation_dtype_and_framework_was_measured():
    measured = {(row["activation"], row["dtype"], row["implementation"]) for row in ROWS}
    for nonlinearity in SMOOTH:
        for dtype in ("float32", "float64"):
            for name in MEASURED:
                if REFERENCES[name].needs and not paths(name, nonlinearity):
                    continue
                assert (nonlinearity, dtype, name) in measured


def test_float32_was_swept_exhaustively():
    swept = [row for row in ROWS if row["dtype"] == "float32" and "one by one" not in row["path"]]
    assert all(row["values"] > 3e8 for row in swept)


def test_k_has_a_margin_of_a_half_over_the_worst_ever_measured():
    assert max(row["k"] / FUNCTIONS[row["activation"]].k for row in ROWS) < 2 / 3


def test_tanh_is_1_well_before_the_axiom_needs_it():
    assert max(row["not_one_up_to"] or 0 for row in ROWS) < ONE_FROM


@pytest.mark.framework
@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("nonlinearity", SMOOTH)
def test_the_worst_points_are_no_worse_today(name, nonlinearity):
    if name not in installed():
        pytest.skip(f"{name} is not installed")
    for dtype in ("float32", "float64"):
        points = [
            row["z"] for row in ROWS if row["activation"] == nonlinearity and row["dtype"] == dtype
        ]
        z = np.resize(np.array(points, dtype), 67)  # vector code and its tail
        for label, path in paths(name, nonlinearity).items():
            recorded = [
                row["k"]
                for row in ROWS
                if (row["activation"], row["dtype"], row["implementation"])
                == (nonlinearity, dtype, name)
            ]
            error = float(calibrate.errors(nonlinearity, z, path)[0].max())
            assert error <= FUNCTIONS[nonlinearity].k, (label, error, recorded)


def test_the_measurement_would_notice_an_activation_that_is_off():
    z = np.linspace(-3, 3, 1001, dtype=np.float32)
    off = calibrate.errors(
        "tanh", z[z != 0], lambda values: np.tanh(values) * np.float32(1 + 2**-19)
    )[0]
    assert off.max() > FUNCTIONS["tanh"].k


@pytest.mark.framework
def test_known_to_need_more_than_4():
    """Keras' float64 tanh at 14.212179062513956, in vectors: the false alarm that K = 4 would
    be.
    """
    if "keras" not in installed():
        pytest.skip("keras is not installed")
    z = np.full(8, 14.212179062513956)
    assert (
        4
        < calibrate.errors("tanh", z, paths("keras", "tanh")["eager"])[0].max()
        <= FUNCTIONS["tanh"].k
    )


@pytest.mark.parametrize("name", ["nope.py:run", "keras/graph", "torhc"])
def test_what_cannot_be_calibrated_is_refused_with_the_names_of_what_can(name):
    with pytest.raises(Unknown, match="expected one of numpy, torch, keras"):
        next(calibrate.calibrate((name,)))


def test_without_a_wider_long_double_it_says_so(monkeypatch):
    monkeypatch.setattr(calibrate.np, "finfo", lambda dtype: SimpleNamespace(nmant=52))
    with pytest.raises(calibrate.NoTruth, match="no wider than float64"):
        next(calibrate.calibrate(("numpy",)))


@pytest.mark.framework
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", MEASURED)
def test_every_sigmoid_is_exactly_1_or_0_far_out_and_a_half_at_0(name, dtype):
    if name not in installed():
        pytest.skip(f"{name} is not installed")
    high = np.concatenate([np.linspace(FULL, 2000, 20_003), np.geomspace(FULL, 1e37, 10_003)])
    low = np.concatenate([np.linspace(-5000, EMPTY[dtype], 20_003), -np.geomspace(5000, 1e37, 9)])
    for path in paths(name, "sigmoid").values():
        with np.errstate(all="ignore"):
            assert (path(high.astype(dtype)) == 1).all()
            assert (path(low.astype(dtype)) == 0).all()
            assert (path(np.zeros(17, dtype)) == 0.5).all()
