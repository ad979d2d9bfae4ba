"""How fast plainbox is, each figure beside the limit that the machine sets at that moment.

`python -m benchmarks`, from the root of the repository. Only the ratios are worth comparing,
from machine to machine or from one day to the next.
"""
