import numpy as np
import pytest

from harness.implementations.find import NotFound
from harness.models.recording import as_inputs, is_recording, load_inputs, load_recording
from references.layer import Unreadable


def test_inputs_of_an_array_and_of_a_table(tmp_path):
    x = np.ones((2, 3, 4), "f4")
    np.save(tmp_path / "x.npy", x)
    inputs = load_inputs(tmp_path / "x.npy")
    assert (inputs.arrays["inputs"] == x).all()
    assert inputs.words == f"the inputs of {tmp_path / 'x.npy'}, (2, 3, 4)"
    np.savez(tmp_path / "x.npz", inputs=x, h_0=np.zeros((1, 2, 5)))
    assert set(load_inputs(tmp_path / "x.npz").arrays) == {"inputs", "h_0"}
    np.savez(tmp_path / "weights.npz", W=x)
    assert not is_recording(tmp_path / "weights.npz")


def test_a_recording_has_inputs_and_outputs(tmp_path):
    x, y = np.ones((2, 3, 4)), np.zeros((2, 3, 5))
    np.savez(tmp_path / "r.npz", inputs=x, sequence=y, h_n=np.ones((1, 2, 5)))
    assert is_recording(tmp_path / "r.npz")
    recording = load_recording(tmp_path / "r.npz")
    assert (recording.outputs.sequence == y).all()
    assert recording.outputs.h_n.shape == (1, 2, 5)
    assert recording.outputs.layers is None


def test_what_masked_steps_put_out_follows_from_a_recording(tmp_path):
    mask = np.array([[True, True, False], [True, False, False]])
    y, path = np.ones((2, 3, 5)), tmp_path / "r.npz"
    for sequence, own in ((y, "repeat"), (y * mask[..., np.newaxis], "zero"), (y[:1], "repeat")):
        np.savez(path, inputs=np.ones((2, 3, 4)), mask=mask, sequence=sequence)
        assert load_recording(path).inputs.masked_output == own
    np.savez(path, inputs=np.ones((2, 3, 4)), sequence=0 * y)
    assert load_recording(path).inputs.masked_output == "repeat"


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.ones((2, 3)), "float64 of shape (2, 3), expected numbers (batch, time, features)"),
        (np.array([[["a"]]]), "<U1 of shape (1, 1, 1), expected numbers"),
    ],
)
def test_what_cannot_be_inputs_is_a_sentence(array, words):
    with pytest.raises(NotFound):
        as_inputs({0: array})
    with pytest.raises(NotFound, match="these inputs are") as error:
        as_inputs({"inputs": array})
    assert words in str(error.value)


NONE = r"x\.npy is no .npy file of numbers; save it by np\.save$"


def test_files_that_are_none_are_sentences(tmp_path):
    bad = tmp_path / "x.npy"
    bad.write_bytes(b"no array")
    with pytest.raises(Unreadable, match=NONE):
        load_inputs(bad)
    with pytest.raises(Unreadable, match=r"^there is no file .*absent\.npy$"):
        load_inputs(tmp_path / "absent.npy")
    bad.write_bytes(b"PK\x03\x04, as a .npz file begins")
    with pytest.raises(Unreadable, match=NONE):
        load_inputs(bad)
    np.save(bad, np.array([[[object()]]]), allow_pickle=True)
    with pytest.raises(Unreadable, match=NONE):
        load_inputs(bad)
    np.savez(tmp_path / "y.npz", y=np.ones(3))
    with pytest.raises(NotFound, match="have y; expected inputs, h_0, c_0, mask"):
        load_inputs(tmp_path / "y.npz")


def test_inputs_of_other_sizes_do_not_fit_weights():
    from harness import sample_cases

    model = next(sample_cases(1, 1, input_size=3))
    inputs = as_inputs({"inputs": np.ones((1, 2, 4))})
    with pytest.raises(NotFound, match=r"these inputs, \(1, 2, 4\) do not fit: inputs has shape"):
        inputs.case(model.config, model.weights)


def test_a_name_that_is_none_is_refused(tmp_path):
    x = np.zeros((1, 2, 3))
    np.savez(tmp_path / "x.npz", inputs=x, h0=x)
    with pytest.raises(NotFound, match="have h0; expected inputs, h_0, c_0, mask, of which"):
        load_inputs(tmp_path / "x.npz")
    np.savez(tmp_path / "r.npz", inputs=x, sequence=x, c0=x)
    with pytest.raises(NotFound, match="have c0; expected"):
        load_recording(tmp_path / "r.npz")
    with pytest.raises(NotFound, match="have x; expected"):
        as_inputs({"x": x})


def test_inputs_alone_are_no_recording(tmp_path):
    np.savez(tmp_path / "r.npz", inputs=np.ones((1, 2, 3)))
    with pytest.raises(NotFound, match=r"r\.npz has inputs and no sequence: a recording needs "):
        is_recording(tmp_path / "r.npz")


def test_layers_without_the_lowest_are_a_sentence(tmp_path):
    x, y, path = np.ones((2, 3, 4)), np.zeros((2, 3, 5)), tmp_path / "r.npz"
    for name in ("layers.top", "layers.1"):
        np.savez(path, inputs=x, sequence=y, **{name: y})
        with pytest.raises(NotFound, match=r"has other layers, but no array 'layers.0'"):
            load_recording(path)
