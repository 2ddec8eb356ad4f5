"""Arrays in, matplotlib figures out; never saves, never trains."""
