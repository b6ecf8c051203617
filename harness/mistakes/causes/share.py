"""The share of what differs that a mistake explains."""

from typing import NamedTuple

MOST = 0.5  # below this share of what is outside a mistake explains nothing
ENOUGH = 0.1  # the share of all outputs outside that must be decided at least


class Share(NamedTuple):
    """Outputs by what a mistake says of them, where the right loop does not allow them, or does."""

    explained: int = 0  # outside of what is right, and as the mistake has it
    unexplained: int = 0  # outside of what is right, and of what the mistake gives
    contradicted: int = 0  # right, though the mistake says otherwise
    outside: int = 0  # of what is right, all of them

    def __add__(self, other: tuple[int, ...]) -> "Share":  # type: ignore[override]
        return Share(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def value(self) -> float:
        """The share of the outputs outside that the mistake explains, from 0 to 1."""
        if not self.explained:
            return 0.0
        decided = self.explained + self.unexplained
        return max(0.0, (self.explained - self.contradicted) / decided)

    @property
    def is_decided(self) -> bool:
        """The enclosures are narrow enough to say something of what is outside."""
        return self.explained + self.unexplained >= ENOUGH * self.outside
