"""The values of each of the Options of Keras' layers, its default first."""

VALUES: dict[str, tuple[object, ...]] = {
    "layer": ("own", "RNN", "stacked", "list of one"),
    "unroll": (False, True),
    "call": ("eager", "model", "function", "jit", "predict"),
    "mask": ("argument", "masking"),
    "mask_dtype": ("bool", "int8", "float32"),
    "state": ("given", "default", "halves", "reset", "reset_to"),
    "weights": ("before", "after", "initializer", "argument"),
    "saved": (False, True),
    "dropout": (False, True),
    "merge": ("concat", None, "sum", "ave", "mul"),
    "backward": ("where needed", "given", "made"),
    "returns": ("sequences, state", "sequences", "last", "last, state", "last, state, zeros"),
    "dtype": ("everywhere", "inside"),
    "implementation": (2, 1),
    "use_cudnn": ("auto", False),
}
