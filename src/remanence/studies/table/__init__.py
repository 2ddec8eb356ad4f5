"""Properties from a table: held-out rows, prediction intervals, importance of the inputs."""
