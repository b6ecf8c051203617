from harness.cli.layers import FIELDS, pop_config


def test_what_a_user_says_becomes_fields_of_config():
    options = dict.fromkeys(FIELDS) | {
        "reset_after": "False",
        "num_layers": 2,
        "cell": "gru",
        "seed": 1,
    }
    assert pop_config(options) == {"reset_after": False, "num_layers": 2, "cell": "gru"}
    assert options == {"seed": 1}
