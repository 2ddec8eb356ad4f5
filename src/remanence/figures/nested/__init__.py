"""Figures of chains of autoencoders over multi-scale tables."""
