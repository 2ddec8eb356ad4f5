"""Grey images as a kind of data of one's own, beside the package: a convolutional autoencoder finds their latents."""
