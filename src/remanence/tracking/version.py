"""The version of what is written: tags of the database, ``run.json``, saved models."""

VERSION = 1
"""Raised when what an earlier one wrote can no longer be read."""
