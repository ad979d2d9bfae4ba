"""Plainbox tests whole systems: it runs jobs that small declarative records describe."""

__version__ = "0.1.0"
