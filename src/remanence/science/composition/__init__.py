"""Compositions of solid solutions: formulas read and written, sites, descriptors."""
