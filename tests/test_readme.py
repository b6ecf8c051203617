"""The README's Python runs as it stands there."""

import re
from pathlib import Path

import pytest

from references import installed

BLOCKS = re.findall(r"```python\n(.*?)```", (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_a_block_of_the_readme_runs(block):
    if "torch" in block and "torch" not in installed():
        pytest.skip("torch is not installed")
    names = {}
    exec(block, names)
    for name, value in names.items():
        if name.startswith("test_"):
            value()


def test_there_are_blocks_to_run():
    assert len(BLOCKS) >= 2
