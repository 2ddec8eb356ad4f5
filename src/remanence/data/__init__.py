"""Files in, arrays out: readers, simulators, splits, and the Lightning data module."""
