from pathlib import Path

import pytest

from tests.cli.commands import complaint, invoke
from tests.models.pairs import model, save

pytestmark = pytest.mark.process


def test_a_conversion_as_a_user_types_it():
    save("a.npz", *model())
    result = invoke("convert", "a.npz", "b.npz", "-q")
    assert result.return_value == 0
    assert "b.npz is written" in result.output
    assert Path("b.npz").is_file()
    assert "is there already" in complaint("convert", "a.npz", "b.npz")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full to write to")
def test_a_lost_report_does_not_make_a_proved_file_unproved():
    save("a.npz", *model())
    result = invoke("convert", "a.npz", "b.npz", "-q", "--json", "/dev/full")
    assert (result.return_value, Path("b.npz").is_file()) == (4, True)
    assert result.output.endswith("b.npz is written\n")


def test_what_has_no_equivalent_is_refused_before_anything_is_written():
    save("a.npz", *model("gru", reset_after=False))
    assert "resets after the product" in complaint("convert", "a.npz", "b.safetensors")
    assert sorted(path.name for path in Path().iterdir() if path.suffix != ".py") == ["a.npz"]
