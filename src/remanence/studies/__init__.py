"""The study of each kind of data: how a model is fitted, scored, drawn and logged."""
