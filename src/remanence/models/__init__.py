"""One model per file: the network and its LightningModule, or a scikit-learn estimator."""
