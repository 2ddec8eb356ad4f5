"""What every room stands on: schemas, the console, threads, imports."""
