"""Figures and movies of spectra, maps and latent spaces."""
