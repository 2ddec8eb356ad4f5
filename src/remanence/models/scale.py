"""One scale of a chain: an autoencoder of the scale's own inputs and its parents' latents, with property heads."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from remanence.models.dense import dense
from remanence.models.member_step import normal_like
from remanence.models.scale_options import Classification, Decoder, Encoder, Head, Regularizers
from remanence.models.standardizer import AsinhStandardizer, Standardizer
from remanence.science.nested.correlation_loss import correlation_loss

FEWEST_CORRELATED = 5
"""Least number of rows in a step for the correlation loss; a last step with fewer rows does without it."""
TARGET_SCALERS: dict[str, type[Standardizer]] = {"none": Standardizer, "asinh": AsinhStandardizer}
LOSSES = {"mae": nn.L1Loss, "mse": nn.MSELoss, "huber": nn.SmoothL1Loss}


class ScaleAutoencoder(nn.Module):
    """Encoder, decoder and heads of one scale; leading axes, such as the members of a stack, are kept.

    Args:
        n_own: number of the scale's own inputs.
        n_parents: number of latents of all parents together.
        latent_dim: number of latents.
        categories: one-hot columns of each categorical input, as indices into the own inputs.
        encoder: options of the encoder of ``cat(own inputs, parents' latents)``.
        decoder: options of the decoder back to own inputs and parents' latents.
        heads: name of a property head to its options.
        columns: outputs of each head, as indices into the targets.
        regularizers: weights of the penalties that are added to the loss.

    Source: Thota, Priyadarshini, Hernandez, NestedAE, Mater. Horiz. 2024, 10.1039/D3MH01484C.
    """

    def __init__(
        self,
        *,
        n_own: int,
        n_parents: int,
        latent_dim: int,
        categories: Sequence[Sequence[int]],
        encoder: Encoder,
        decoder: Decoder,
        heads: Mapping[str, Head],
        columns: Mapping[str, Sequence[int]],
        regularizers: Regularizers,
    ) -> None:
        super().__init__()
        self.latent_dim, self.decoder_spec, self.regularizers = latent_dim, decoder, regularizers
        self.variational = encoder.variational
        self.categories = [list(group) for group in categories]
        grouped = {column for group in self.categories for column in group}
        self.numeric = [column for column in range(n_own) if column not in grouped]
        self.specs, self.columns = dict(heads), {name: list(index) for name, index in columns.items()}
        self.n_own = n_own
        self.input_scaler = Standardizer(n_own)
        self.parent_scaler = Standardizer(n_parents)
        self.target_scalers = nn.ModuleDict(
            {
                name: TARGET_SCALERS[head.transform](len(self.columns[name]))
                for name, head in heads.items()
                if head.kind == "regression"
            }
        )
        self.encoder = dense(
            n_own + n_parents,
            encoder.hidden,
            latent_dim * (2 if encoder.variational else 1),
            activation=encoder.activation,
            dropout=encoder.dropout,
            init=encoder.init,
            output="linear" if encoder.variational else encoder.output,
        )
        self.decoder = dense(
            latent_dim, decoder.hidden, n_own + n_parents, activation=decoder.activation, init=encoder.init
        )
        self.heads = nn.ModuleDict(
            {
                name: dense(
                    latent_dim,
                    head.hidden,
                    len(self.columns[name]),
                    activation=head.activation,
                    dropout=head.dropout,
                    init=encoder.init,
                    output="linear" if isinstance(head, Classification) or head.output == "relu" else head.output,
                )
                for name, head in heads.items()
            }
        )

    def fit_scalers(self, own: Tensor, y: Tensor) -> None:
        """Learn the z-scores of own inputs (rows, n_own) and targets (rows, targets)."""
        self.input_scaler.fit(own)
        for name, scaler in self.target_scalers.items():
            scaler.fit(y[:, self.columns[name]])  # type: ignore[operator]

    def encode(self, own: Tensor, parents: Tensor) -> Tensor:
        """Return the latents (…, rows, latent_dim); a variational scale returns their mean."""
        return self._distribution(own, parents)[0]

    def decode(self, latents: Tensor) -> Tensor:
        """Return own inputs (…, rows, n_own) in physical units, with categories as probabilities."""
        decoded = self.decoder(latents)[..., : self.n_own]
        own = self.input_scaler.inverse(decoded).clone()
        for group in self.categories:
            own[..., group] = decoded[..., group].softmax(dim=-1)
        return own

    def properties(self, latents: Tensor) -> Tensor:
        """Return the outputs of the regression heads (…, rows, targets), in physical units and the order of heads."""
        return torch.cat([self._property(name, latents) for name in self.target_scalers], dim=-1)

    def loss(self, own: Tensor, parents: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row (…, rows): the weighted sum of properties, reconstructions and regularizers.

        In validation, a scale with regression heads returns the loss of the properties alone, because they decide which
        epoch is best.
        """
        mean, log_variance = self._distribution(own, parents)
        latents = mean
        if log_variance is not None and self.training:
            latents = mean + normal_like(mean) * torch.exp(0.5 * log_variance)
        properties = self._property_loss(latents, y)
        if not self.training and len(self.target_scalers):
            return properties
        total = properties + self._class_loss(latents, y) + self._reconstruction_loss(latents, own, parents)
        return total + self._penalty(mean, log_variance, y)

    def reconstruction_loss(self, own: Tensor, parents: Tensor) -> Tensor:
        """Return the reconstruction loss of each row (…, rows); the properties of the rows may be unknown."""
        return self._reconstruction_loss(self.encode(own, parents), own, parents)

    def _distribution(self, own: Tensor, parents: Tensor) -> tuple[Tensor, Tensor | None]:
        inputs = torch.cat([self.input_scaler(own), self.parent_scaler(parents)], dim=-1)
        encoded = self.encoder(inputs)
        if not self.variational:
            return encoded, None
        mean, log_variance = encoded.chunk(2, dim=-1)
        return mean, log_variance.clamp(-12, 8)  # beyond, the exponential overflows float32

    def _property(self, name: str, latents: Tensor) -> Tensor:
        physical: Tensor = self.target_scalers[name].inverse(self.heads[name](latents))  # type: ignore[operator]
        # a property that cannot be negative is cut off in physical units, because the zero of z-scores is another value
        return physical.relu() if self.specs[name].output == "relu" else physical  # type: ignore[union-attr]

    def _property_loss(self, latents: Tensor, y: Tensor) -> Tensor:
        total = latents.new_zeros(latents.shape[:-1])
        for name, scaler in self.target_scalers.items():
            spec = self.specs[name]
            criterion = LOSSES[spec.loss](reduction="none")  # type: ignore[union-attr]
            predicted = scaler(self._property(name, latents))
            total = total + spec.weight * criterion(predicted, scaler(y[..., self.columns[name]])).mean(dim=-1)
        return total

    def _class_loss(self, latents: Tensor, y: Tensor) -> Tensor:
        total = latents.new_zeros(latents.shape[:-1])
        for name, spec in self.specs.items():
            if isinstance(spec, Classification):
                logits = self.heads[name](latents)
                total = total - spec.weight * (y[..., self.columns[name]] * logits.log_softmax(dim=-1)).sum(dim=-1)
        return total

    def _reconstruction_loss(self, latents: Tensor, own: Tensor, parents: Tensor) -> Tensor:
        decoded, spec = self.decoder(latents), self.decoder_spec
        criterion = LOSSES[spec.loss](reduction="none")
        total = latents.new_zeros(latents.shape[:-1])
        if self.numeric:
            wanted = self.input_scaler(own)[..., self.numeric]
            total = total + spec.weight * criterion(decoded[..., self.numeric], wanted).mean(dim=-1)
        for group in self.categories:
            logits = decoded[..., group]
            total = total - spec.weight * (own[..., group] * logits.log_softmax(dim=-1)).sum(dim=-1)
        if parents.shape[-1]:
            wanted = self.parent_scaler(parents)
            total = total + spec.parents_weight * criterion(decoded[..., self.n_own :], wanted).mean(dim=-1)
        return total

    def _penalty(self, mean: Tensor, log_variance: Tensor | None, y: Tensor) -> Tensor:
        """Return the regularizers for each row, (…, rows).

        Only the KL divergence differs between rows; the other penalties are added to every row.
        """
        spec = self.regularizers
        weights = [weight for name, weight in self.encoder.named_parameters() if name.endswith("weight")]
        total = mean.new_zeros(mean.shape[:-1])
        if spec.l1:
            total = total + spec.l1 * sum(weight.abs().flatten(-2).sum(dim=-1) for weight in weights)[..., None]  # type: ignore[index]
        if spec.l2:
            total = total + spec.l2 * sum(weight.square().flatten(-2).sum(dim=-1) for weight in weights)[..., None]  # type: ignore[index]
        if spec.correlation and self.target_scalers and mean.shape[-2] >= FEWEST_CORRELATED:
            measured = torch.cat([y[..., self.columns[name]] for name in self.target_scalers], dim=-1)
            total = total + spec.correlation * correlation_loss(mean, measured)[..., None]
        if spec.kl and log_variance is not None:
            kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
            total = total + spec.kl * kl.sum(dim=-1)
        return total
