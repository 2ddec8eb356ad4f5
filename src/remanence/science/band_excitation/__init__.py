"""The mathematics of band-excitation spectroscopy: resonances, hysteresis loops, switching and domains."""
