"""What happens while a model is fitted and scored."""
