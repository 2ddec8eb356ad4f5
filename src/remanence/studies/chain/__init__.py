"""Prediction of properties on several physical scales that are linked by a chain of autoencoders."""
