"""Tests share nothing yet."""
