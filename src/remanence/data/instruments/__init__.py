"""Files of instruments, to be converted to NSID."""
