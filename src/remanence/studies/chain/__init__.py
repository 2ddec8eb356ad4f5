"""Linking properties of several physical scales by a chain of autoencoders."""
