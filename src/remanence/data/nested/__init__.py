"""Tables of the scales of a chain: readers, a simulator, and the rows of each scale."""
