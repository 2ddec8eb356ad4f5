"""What a run asks of its data: how a model is fitted, scored, drawn and logged for one kind of question."""
