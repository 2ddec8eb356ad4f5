"""The notebooks as pages of the site: run by a command, stored beside their sources, shown when the site is built."""
