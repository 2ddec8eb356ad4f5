"""The mathematics of unmixing spectra: what a latent space holds, and whether what it generates is real."""
