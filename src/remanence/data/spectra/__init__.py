"""Spectra on a grid of pixels: readers, simulators, scaling and splits."""
