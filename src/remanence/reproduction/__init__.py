"""What a run leaves to others: a bundle to rebuild it from, its reproduction, its model without MLflow."""
