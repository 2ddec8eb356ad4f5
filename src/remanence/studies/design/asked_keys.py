"""Keys by which a user says what may be made; verbs know them without importing what makes the candidates."""

SPACE = ("over", "given", "constraint", "candidates")
"""Keys of a request for candidates, see ``candidate_rows``."""
