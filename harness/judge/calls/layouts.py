"""Says in words which layout an array of another shape looks like, and how to change it."""

from references.case import Config

Shape = tuple[int, ...]


def looks_like(shape: Shape, expected: Shape, config: Config) -> str:
    """Which layout of the outputs (B, T, H*D) a shape looks like; empty for none that is known.

    Where several have the same shape, it is the one that people meet most.
    """
    B, T, K = expected
    time_major = "time-major, (time, batch, units): use transpose(1, 0, 2), or torch's batch_first"
    layouts: list[tuple[Shape, str]] = [
        ((T, B, K), time_major),
        ((B, K, T), "units before time: use swapaxes(-1, -2)"),
        ((T, K, B), "time first and the batch last: use transpose(2, 0, 1)"),
        ((B, T * K), f"time and units in one axis: use reshape({B}, {T}, {K})"),
    ]
    joined = "batch and time in one axis: keep them apart"
    row = "a row without its batch axis: use [np.newaxis]"
    layouts.append(((B * T, K), row if B == 1 else joined))
    if config.bidirectional:
        merged = "one direction, or both merged: keep the two side by side"
        layouts.append(((B, T, K // 2), merged))
    else:
        layouts.append(((B, T, 2 * K), "two directions, where the case has one"))
    return next((text for layout, text in layouts if layout == shape), "")
