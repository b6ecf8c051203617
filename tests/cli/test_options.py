"""The types and options that several commands share."""

import click
import pytest
from click.testing import CliRunner

from harness.cli.options import FILE, FOLDER, Whole, add_options, time_limit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.5", 2.5),
        ("nan", "expected a number of seconds, not 'nan'"),
        ("x", "expected a number of seconds, not 'x'"),
        ("inf", "not in the range"),
    ],
)
def test_seconds_are_a_number_above_0(text, expected):
    command = click.command(time_limit(lambda time_limit: time_limit))
    result = CliRunner().invoke(command, ["--time-limit", text], standalone_mode=False)
    if result.exception:
        assert expected in result.exception.format_message()
    else:
        assert result.return_value == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", 7),
        ("x", "Invalid value for '--memory': 'x' is no whole number"),
        ("1.5", "Invalid value for '--memory': '1.5' is no whole number"),
        ("2", "2 is not in the range x>=3."),
    ],
)
def test_a_whole_number_is_one_within_its_range(text, expected):
    command = click.command(click.option("--memory", type=Whole(3))(lambda memory: memory))
    result = CliRunner().invoke(command, ["--memory", text], standalone_mode=False)
    if result.exception:
        assert expected in result.exception.format_message()
    else:
        assert result.return_value == expected


def test_options_stand_in_the_help_in_their_order():
    options = [click.option("--first"), click.option("--second")]
    command = click.command(add_options(lambda **options: None, options))
    assert [parameter.name for parameter in command.params] == ["first", "second"]


def test_a_file_is_no_folder_and_a_folder_no_file(tmp_path):
    file = tmp_path / "file"
    file.touch()
    assert FILE.convert(str(file), None, None) == FOLDER.convert(str(tmp_path), None, None) / "file"
    for type_, path in ((FILE, tmp_path), (FOLDER, file)):
        with pytest.raises(click.BadParameter):
            type_.convert(str(path), None, None)
