"""Sweeps: many runs composed from one command line."""
