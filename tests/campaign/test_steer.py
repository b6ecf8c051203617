"""The bandits that choose limits."""

from harness.campaign.steer import FEATURES, Ratios
from harness.draw.generate import sample_cases
from harness.draw.limits import limits

HIGH = ["relu", "chaotic", "float32", "3", "1", "2-7"]


def tables(ratio, values=HIGH, cases=200):
    drawn = {f"{feature} {value}": cases for feature, value in zip(FEATURES, values, strict=True)}
    return {"x": {"drawn": drawn, "top": [[ratio, values]] * 5, "deaths": 0}}


def test_the_bandits_go_where_ratios_are_high_and_go_on_trying_others():
    ratios = Ratios(limits())
    assert ratios.best("0") == {}
    every = {
        f"{feature} {value}": 4000 for feature, values in ratios._values.items() for value in values
    }
    ratios.add({"x": {"drawn": every, "top": []}})
    for _ in range(12):
        ratios.add(tables(0.9))
        for values in (
            ["tanh", "large", "float64", "1", "17+", "17+"],
            ["linear", "saturated", "float64", "2", "2-7", "8-16"],
        ):
            ratios.add(tables(0.1, values))
    chosen = [ratios.best(str(number)) for number in range(200)]
    assert all(
        sample_cases(
            1, **{name: tuple(v) if isinstance(v, list) else v for name, v in part.items()}
        )
        for part in chosen
    )
    wanted = {
        "nonlinearity": "relu",
        "regimes": ["chaotic"],
        "dtype": "float32",
        "num_layers": 3,
        "hidden_size": [1, 1],
    }
    for name, value in wanted.items():
        share = sum(part[name] == value for part in chosen) / len(chosen)
        assert share > 0.5, (name, share)
    assert len({str(part) for part in chosen}) > 3
    assert not [part for part in chosen if part["regimes"] == ["tiny"]]
    assert ratios.best("7") == ratios.best("7")


def test_what_is_steered_stays_within_the_given_limits():
    allowed = limits(hidden_size=(5, 20), nonlinearity="linear", regimes=("mantissa", "tiny"))
    ratios = Ratios(allowed)
    ratios.add(tables(0.5, ["linear", "mantissa", "float32", "1", "8-16", "1"]))
    for number in range(50):
        part = ratios.best(str(number))
        assert (part["nonlinearity"], part["regimes"]) == ("linear", ["mantissa"])
        assert part["hidden_size"] in ([5, 7], [8, 16], [17, 20])


def steered(nonlinearity, **values):
    """Limits and choices of bandits for which `memory` gives the high ratios."""
    allowed = limits(**values)
    ratios = Ratios(allowed)
    every = {
        f"{feature} {value}": 4000 for feature, values in ratios._values.items() for value in values
    }
    ratios.add({"x": {"drawn": every, "top": []}})
    for _ in range(20):
        ratios.add(tables(0.5, [nonlinearity, "memory", "float32", "1", "8-16", "1"]))
    return allowed, [ratios.best(str(number)) for number in range(50)]


def test_cells_of_gates_alone_are_steered_to_regimes_of_their_own():
    allowed, parts = steered("tanh", cell=("gru", "lstm"))
    assert sum(part["regimes"] == ["memory"] for part in parts) > 25
    small = {"hidden_size": 2, "input_size": 2, "time": 2}
    for part in parts:
        own = {**allowed.values, **part, "regimes": tuple(part["regimes"]), **small}
        (case,) = sample_cases(1, **own)
        assert case.config.cell in ("gru", "lstm")


def test_with_an_rnn_beside_them_a_regime_exists_for_its_nonlinearity():
    _, parts = steered("relu", cell=("rnn", "lstm"))
    assert parts
    assert all(part["regimes"] != ["memory"] for part in parts)
