"""Prediction of properties from a table, with held-out rows, prediction intervals and importance of the inputs."""
