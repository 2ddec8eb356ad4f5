"""Few latents from many spectra: reconstruction, disentanglement, and the physics of what is generated."""
