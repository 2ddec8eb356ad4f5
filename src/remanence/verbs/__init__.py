"""The verbs that a user types: one module per verb, and the grammar that the verbs share."""
