"""For tests, of plainbox and of providers: write units, run them, look at what came of it."""

from plainbox.testing.bench import Bench, Outcomes

__all__ = ["Bench", "Outcomes"]
