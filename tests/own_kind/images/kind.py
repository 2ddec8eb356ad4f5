"""What the framework is told of images; ``conf/data/images.yaml`` names it."""

from remanence.studies.kind import Kind

IMAGES = Kind(
    name="images",
    options=frozenset(),  # neither ensemble, nor augmentation, nor beta_schedule
    study="images.study:ImageStudy",
    applied="images.applied:AppliedImages",
    beside=frozenset({"spectra"}),  # PCA of the package stands beside the network: rows for steps, columns for channels
    compared=("test/mse", "test/r2", "val/mse"),
    logged="images.applied:LoggedImages",  # what a model that was exported is loaded by
)
