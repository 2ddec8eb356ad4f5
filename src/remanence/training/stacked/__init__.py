"""Members of ensembles, trained together as one network whose weights have a leading member axis."""
