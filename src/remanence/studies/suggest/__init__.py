"""The next experiments: which candidates are worth measuring, and how well that choice would have done before."""
