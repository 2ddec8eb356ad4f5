"""What a user types: one module per verb, and the grammar that they share."""
