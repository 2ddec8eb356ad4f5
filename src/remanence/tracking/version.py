"""The version of everything that is stored: tags in the database, ``run.json`` and saved models."""

VERSION = 1
"""Version number; it is raised when files and tags of an earlier version can no longer be read."""
