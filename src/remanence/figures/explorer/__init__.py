"""Explorers: a page of its own for each run, in which one looks at pixels, rows and latents; it needs no network."""
