"""What is called more than chance, wherever models or settings are compared."""

SIGNIFICANT = 0.05
"""p below which a difference is called more than chance."""
