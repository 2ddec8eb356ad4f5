"""Unmixing of many spectra into few latents: reconstruction, disentanglement, and physics of generated spectra."""
