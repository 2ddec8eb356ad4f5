"""The mathematics of unmixing spectra: analysis of latent spaces and of the spectra generated from them."""
