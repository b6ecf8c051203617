"""What a program leaves is read as plain files of the right size, or is its crash in a sentence."""

import io
import os
import random
from collections import Counter

import numpy as np
import pytest
from safetensors.numpy import save

from harness import sample_cases
from harness.implementations.case_files import (
    Misfit,
    _array,
    answers_in,
    case_bytes,
    digest_of,
    names_of,
    observation_in,
    texts_of,
)
from harness.judge.judge import judge
from references.as_arrays import output_arrays, unpack
from references.numpy_rnn import run as loop

LIMITS = {"time": 3, "batch": 2, "hidden_size": 4, "input_size": 2, "num_layers": 2}


@pytest.fixture
def case():
    """An exact case of two layers in one direction."""
    (case,) = sample_cases(1, regimes="ternary", masks=False, bidirectional=False, **LIMITS)
    return case


def npy(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def test_the_file_of_a_case_has_words_and_numbers_for_texts_and_every_array():
    (case,) = sample_cases(1, cell="lstm", num_layers=2)
    arrays, texts = unpack(case_bytes(case))
    assert arrays["1.U"].tobytes() == case.weights[1].U.tobytes()
    assert arrays["c_0"].tobytes() == case.c_0.tobytes()
    assert (texts["cell"], texts["num_layers"], texts["bias"]) == (
        "lstm",
        "2",
        str(case.config.bias).lower(),
    )
    assert set(texts) == {*vars(case.config), "masked_output"}
    assert all(text.replace("_", "").isalnum() for text in texts.values())


def test_cases_of_other_numbers_or_words_have_other_digests(case):
    (other,) = sample_cases(1, seed=1, masks=False, bidirectional=False, **LIMITS)
    assert digest_of(case.first_layers(2)) == digest_of(
        case
    )  # what built it is no part of the file
    assert len({digest_of(one) for one in (case, other, case.first_layers(1))}) == 3
    assert "origin" not in texts_of(case)


def test_outputs_come_back_from_one_file_or_from_one_for_each(case, tmp_path):
    right = loop(case)
    (tmp_path / "0000.out.safetensors").write_bytes(save(output_arrays(right)))
    for part, array in output_arrays(right).items():
        (tmp_path / f"0001.{part}.npy").write_bytes(npy(np.asfortranarray(array)))
    (tmp_path / "0002.sequence.npy").write_bytes(npy(right.sequence))
    for name in names_of(3):
        outputs = observation_in(tmp_path, name, case).outputs
        assert outputs.sequence.tobytes() == right.sequence.tobytes()
        assert (outputs.h_n is None) == (outputs.layers is None) == (name == "0002")
    assert answers_in(tmp_path) == set(names_of(3))
    assert answers_in(tmp_path / "nowhere") == set()


def test_a_refusal_is_a_text_on_one_harmless_line(case, tmp_path):
    for text, reason in (
        ("no masks\n", "no masks"),
        ("", "no reason was given"),
        ("\x1b[31mred\n\nline", r"\x1b[31mred line"),
    ):
        (tmp_path / "0000.unsupported").write_text(text)
        observation = observation_in(tmp_path, "0000", case)
        assert (observation.kind, observation.reason) == ("refused", reason)
    (tmp_path / "0000.unsupported").write_bytes(b"\xff" * 300)
    assert observation_in(tmp_path, "0000", case).reason.isprintable()


def leaves(tmp_path, right):
    """What a program may leave: by name, a function that leaves it, and the sentence about it."""
    out, single = tmp_path / "0000.out.safetensors", tmp_path / "0000.sequence.npy"
    other = tmp_path / "elsewhere"
    other.write_bytes(save({"sequence": right}))
    header = b'{"sequence":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}'

    def sparse(path):
        with open(path, "wb") as file:
            file.truncate(1 << 40)

    return {
        "nothing": (lambda: None, "it left no outputs for a case, expected 0000.out.safetensors"),
        "another name": (
            lambda: (tmp_path / "0000.output.npy").write_bytes(b""),
            "expected 0000.out.safetensors or 0000.sequence.npy; it left 0000.output.npy",
        ),
        "a link": (lambda: out.symlink_to(other), "its 0000.out.safetensors is no plain file"),
        "a folder": (single.mkdir, "its 0000.sequence.npy is no plain file"),
        "a pipe": (lambda: os.mkfifo(out), "its 0000.out.safetensors is no plain file"),
        "a huge file": (lambda: sparse(out), "is larger than outputs of this case can be"),
        "a huge text": (
            lambda: sparse(tmp_path / "0000.unsupported"),
            "its 0000.unsupported is larger than",
        ),
        "no bytes": (lambda: out.write_bytes(b""), "is no safetensors file"),
        "a huge header": (
            lambda: out.write_bytes((1 << 40).to_bytes(8, "little") + b"{}"),
            "is no safetensors file: its header is too long",
        ),
        "too few bytes": (
            lambda: out.write_bytes(len(header).to_bytes(8, "little") + header + b"1"),
            "is no safetensors file",
        ),
        "another array": (
            lambda: out.write_bytes(save(dict.fromkeys(["z", "y", "sequence", "output"], right))),
            "holds 'output', expected sequence, and what there is of h_n, layers.0, layers.1",
        ),
        "no sequence": (
            lambda: (tmp_path / "0000.h_n.npy").write_bytes(npy(right)),
            "its outputs for 0000 have no sequence",
        ),
        "both forms": (
            lambda: (out.write_bytes(other.read_bytes()), single.write_bytes(npy(right))),
            "it left 0000.out.safetensors, and 0000.sequence.npy too",
        ),
        "outputs and a refusal": (
            lambda: (
                out.write_bytes(other.read_bytes()),
                (tmp_path / "0000.unsupported").write_text("no"),
            ),
            "it left outputs, and 0000.unsupported too",
        ),
        "objects": (
            lambda: single.write_bytes(npy(np.array([print, 1]), allow_pickle=True)),
            "its 0000.sequence.npy is no .npy file of numbers",
        ),
        "more numbers than bytes": (
            lambda: single.write_bytes(npy(right).replace(b"(2, 3, 4)", b"(2, 9, 9)")),
            "its 0000.sequence.npy is no .npy file of numbers",
        ),
        "a wrong shape": (
            lambda: single.write_bytes(npy(right[:, :-1])),
            "its sequence has shape (2, 2, 4), expected (2, 3, 4)",
        ),
        "half the precision": (
            lambda: single.write_bytes(npy(right.astype("f2"))),
            "its sequence has dtype float16",
        ),
    }


WHAT = (
    *("nothing", "another name", "a link", "a folder", "a pipe", "a huge file", "a huge text"),
    *("no bytes", "a huge header", "too few bytes", "another array", "no sequence", "both forms"),
    *("outputs and a refusal", "objects", "more numbers than bytes", "a wrong shape"),
    "half the precision",
)


@pytest.mark.parametrize("what", WHAT)
def test_what_is_no_output_is_a_sentence(what, case, tmp_path):
    leave, sentence = leaves(tmp_path, loop(case).sequence)[what]
    leave()
    observation = observation_in(tmp_path, "0000", case)
    assert observation.outputs is None
    assert observation.kind in ("crashed", "differs")
    assert sentence in observation.reason


def test_every_kind_is_tried(case, tmp_path):
    assert sorted(WHAT) == sorted(leaves(tmp_path, loop(case).sequence))


def test_a_missing_number_is_left_to_the_judge(case, tmp_path):
    sequence = np.array(loop(case).sequence)
    sequence[0, 1, 2] = np.nan
    (tmp_path / "0000.sequence.npy").write_bytes(npy(sequence))
    layers = output_arrays(loop(case))
    for index, array in ((0, layers["layers.0"]), (1, sequence)):
        (tmp_path / f"0000.layers.{index}.npy").write_bytes(npy(array))
    outputs = observation_in(tmp_path, "0000", case).outputs
    assert judge(case, lambda case: outputs, calls=1).kind == "differs"


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_altered_files_agree_only_with_the_loops_very_outputs(count, case, tmp_path):
    """10,000 of them: nothing is run, nothing raises, and nothing wrong passes."""
    case = case.first_layers(1)  # of which all is judged exactly
    right, kinds = output_arrays(loop(case)), Counter()
    files = {"0000.out.safetensors": save(right)}
    files |= {"0000.sequence.npy": npy(right["sequence"])}
    for number in range(count):
        draw = random.Random(number)
        name = draw.choice([*files])
        data = bytearray(files[name])
        for _ in range(draw.randrange(1, 6)):
            data[draw.randrange(min(len(data), draw.choice([160, 1 << 20])))] ^= (
                1 << draw.randrange(8)
            )
        if draw.randrange(4) == 0:
            del data[draw.randrange(len(data)) :]
        (tmp_path / name).write_bytes(data)
        observation = observation_in(tmp_path, "0000", case)
        (tmp_path / name).unlink()
        assert observation.reason.isprintable()
        if observation.outputs is None:
            kinds[observation.kind] += 1
            continue
        verdict = judge(case, lambda case, answer=observation: answer.outputs, calls=1)
        kinds[verdict.kind] += 1
        if verdict.kind == "agrees":
            for part, array in output_arrays(observation.outputs).items():
                assert np.array_equal(array, right[part])
    assert kinds["crashed"] > count / 4
    assert kinds["differs"] > count / 20


@pytest.mark.parametrize("header", ["{'descr': 1}", "(" * 3000, "print(1)", "{", "\x00"])
def test_the_header_of_a_npy_file_may_be_anything(header):
    text = header.encode() + b"\n"
    with pytest.raises(Misfit, match=r"its x\.npy is no \.npy file of numbers"):
        _array("x.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text)
