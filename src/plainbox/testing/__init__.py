"""For tests, of plainbox and of providers: write units, run them, look at what came of it."""

from plainbox.testing.bench import Bench, Outcomes
from plainbox.testing.fake_runner import FakeRunner

__all__ = ["Bench", "FakeRunner", "Outcomes"]
