"""Tables of several scales that are learnt one after the other: readers, simulator, levels."""
