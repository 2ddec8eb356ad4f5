"""From YAML and command line to one checked configuration."""
