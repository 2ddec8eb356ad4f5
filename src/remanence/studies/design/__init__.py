"""Inverse design: inputs for which a fitted model predicts a wanted property."""
