"""The values of each of the Options of ONNX's nodes, its default first."""

VALUES: dict[str, tuple[object, ...]] = {
    "engine": ("runtime", "reference"),
    "layout": (0, 1),
    "weights": ("initializers", "inputs"),
    "state": ("given", "default", "halves"),
    "backwards": ("arrays", "direction"),
    "directions": ("one node", "two nodes"),
    "lengths": ("where needed", "always"),
    "attributes": ("where needed", "all"),
    "outputs": ("all", "last"),
    "opset": (14, 7, 22),
    "optimized": (True, False),
    "threads": (1, 2),
}
