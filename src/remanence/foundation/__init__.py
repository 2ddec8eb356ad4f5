"""Code that all other packages use: types of configuration values, the console, threads, imports."""
