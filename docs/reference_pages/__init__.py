"""Pages of the site that are made from the package when the site is built, so that they cannot differ from it."""
