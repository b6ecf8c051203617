import os
from pathlib import Path

import numpy as np
import pytest

from harness.implementations.find import NotFound
from harness.models import convert as module
from harness.models.convert import convert
from references import installed
from references.layer import Unreadable
from references.read import read
from tests.models.pairs import changed, model, save

pytestmark = pytest.mark.process


def test_a_file_is_written_proved_and_only_then_gets_its_name(tmp_path):
    config, weights = model("gru")
    a = save(tmp_path / "a.npz", config, weights)
    conversion = convert(a, tmp_path / "b.npz")
    assert conversion.path == tmp_path / "b.npz"
    assert conversion.proof.exit_status == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "b.npz"]
    assert np.array_equal(read(conversion.path)[1][0].U, weights[0].U)


@pytest.mark.deep
def test_what_the_written_file_cannot_say_is_proved_as_the_source_says_it(tmp_path):
    """A state_dict does not say the nonlinearity, and would be read as tanh."""
    if "torch" not in installed():
        pytest.skip("torch is not installed")
    a = save(tmp_path / "a.npz", *model("rnn", nonlinearity="relu"))
    conversion = convert(a, tmp_path / "b.pt")
    assert conversion.path == tmp_path / "b.pt"
    assert conversion.proof.agrees
    assert "nonlinearity='relu'" in " ".join(conversion.notes)


@pytest.mark.deep
def test_what_a_framework_prints_is_dropped(tmp_path, monkeypatch, capfd):
    """Of each function that it asks for, though none here prints."""
    ask, notice = module.ask_once, b"a notice of TensorFlow's"

    def and_print(bounds, function, *arguments, **options):
        assert ask(bounds, os.write, 2, notice, **options) == len(notice)
        return ask(bounds, function, *arguments, **options)

    monkeypatch.setattr(module, "ask_once", and_print)
    assert convert(save(tmp_path / "a.npz", *model("gru")), tmp_path / "b.npz").proof.agrees
    assert capfd.readouterr().err == ""


@pytest.mark.deep
def test_what_is_not_proved_keeps_another_name(tmp_path, monkeypatch):
    config, weights = model("gru")
    a = save(tmp_path / "a.npz", config, weights)
    proof = module.compare

    def with_wrong_file(a, b, **options):
        save(Path(b), config, changed(weights, "U", np.negative))
        return proof(a, b, **options)

    monkeypatch.setattr(module, "compare", with_wrong_file)
    conversion = convert(a, tmp_path / "b.npz")
    assert conversion.path == tmp_path / "b.npz.unproven"
    assert conversion.proof.exit_status == 1
    assert not (tmp_path / "b.npz").exists()


def test_a_file_that_is_there_stays_unless_forced(tmp_path):
    a = save(tmp_path / "a.npz", *model())
    (tmp_path / "b.npz").write_bytes(b"mine")
    with pytest.raises(NotFound, match="is there already"):
        convert(a, tmp_path / "b.npz")
    assert (tmp_path / "b.npz").read_bytes() == b"mine"
    assert convert(a, tmp_path / "b.npz", force=True).proof.agrees


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("a.npz", "b.txt", "b.txt is no file of a model"),
        ("a.txt", "b.npz", "a.txt is no file of a model"),
        ("a.npz", "no/b.npz", r"no/b\.npz cannot be written: there is no folder no; make it first"),
        ("a.npz", "folder.npz", r"^folder\.npz is a folder; name a file$"),
        ("a.npz", "broken.npz", r"^broken\.npz cannot be written: No such file or directory$"),
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_what_cannot_be_converted_is_a_sentence(tmp_path, monkeypatch, a, b, words, force):
    monkeypatch.chdir(tmp_path)
    Path("folder.npz").mkdir()
    Path("broken.npz.unproven").symlink_to("nowhere/file")
    with pytest.raises(NotFound, match=words):
        convert(a, b, force=force)


@pytest.mark.process
def test_the_file_that_is_read_is_never_overwritten(tmp_path):
    path = save(tmp_path / "all.npz", *model())
    before = Path(path).read_bytes()
    with pytest.raises(NotFound, match=r"all\.npz is what is read, and would be lost"):
        convert(path, path, force=True)
    assert Path(path).read_bytes() == before
    with pytest.raises(Unreadable, match="does not exist"):
        convert(str(tmp_path / "absent.npz"), path, force=True)
