"""Small networks of all kinds of layers, as somebody would write them for the rows of one network."""

import torch
from pytorch_lightning import LightningModule
from torch import Tensor, nn

WIDTH = 6
OPTIMIZERS = {
    "adam": lambda weights: torch.optim.Adam(weights, lr=0.02),
    "adamw": lambda weights: torch.optim.AdamW(weights, lr=0.02, weight_decay=0.1),
    "sgd": lambda weights: torch.optim.SGD(weights, lr=0.02, momentum=0.9, weight_decay=0.01),
    "adagrad": lambda weights: torch.optim.Adagrad(weights, lr=0.05),
    "rmsprop": lambda weights: torch.optim.RMSprop(weights, lr=0.002, momentum=0.9),
}


class Other(LightningModule):
    """Scales inputs and targets with buffers of its own; what is between them is ``body``."""

    mean: Tensor
    scale: Tensor
    y_mean: Tensor
    y_scale: Tensor

    def __init__(self, *, n_features, n_targets=1, optimizer="adam"):
        super().__init__()
        self.save_hyperparameters()
        for name, width in (("mean", n_features), ("scale", n_features), ("y_mean", n_targets), ("y_scale", n_targets)):
            self.register_buffer(name, torch.zeros(width))
        self.make(n_features, n_targets)

    def make(self, n_features, n_targets):
        raise NotImplementedError

    def body(self, z):
        raise NotImplementedError

    def prepare(self, x, y):
        for name, values in (("", x), ("y_", y)):
            getattr(self, f"{name}mean").copy_(torch.as_tensor(values.mean(axis=0)))
            getattr(self, f"{name}scale").copy_(torch.as_tensor(values.std(axis=0)))

    def forward(self, x):
        return self.body((x - self.mean) / self.scale) * self.y_scale + self.y_mean

    def row_loss(self, x, y):
        return (((self(x) - y) / self.y_scale) ** 2).mean(dim=-1)

    def configure_optimizers(self):
        return OPTIMIZERS[self.hparams["optimizer"]](self.parameters())


class RootParameters(Other):
    """TabM-like: ``k`` networks share their weights but for what each multiplies its inputs with."""

    k = 3

    def make(self, n_features, n_targets):
        self.r = nn.Parameter(torch.randn(self.k, n_features))
        self.hidden, self.out = nn.Linear(n_features, WIDTH), nn.Linear(WIDTH, n_targets)

    def body(self, z):
        every = z[:, None] * self.r  # (rows, k, features)
        return self.out(torch.tanh(self.hidden(every))).mean(dim=1)


class Normed(Other):
    """A layer norm, in a forward that does not care about leading axes."""

    def make(self, n_features, n_targets):
        self.layers = nn.Sequential(
            nn.Linear(n_features, WIDTH), nn.LayerNorm(WIDTH), nn.Tanh(), nn.Linear(WIDTH, n_targets)
        )

    def body(self, z):
        return self.layers(z)


class Embedded(Other):
    """The first input as one of four categories."""

    def make(self, n_features, n_targets):
        self.kind = nn.Embedding(4, 3)
        self.layers = nn.Sequential(nn.Linear(n_features + 2, WIDTH), nn.Tanh(), nn.Linear(WIDTH, n_targets))

    def body(self, z):
        kind = (z[..., 0] + 2).clamp(0, 3).long()
        return self.layers(torch.cat([self.kind(kind), z[..., 1:]], dim=-1))


class Dropped(Other):
    """Dropout as a layer."""

    def make(self, n_features, n_targets):
        self.layers = nn.Sequential(
            nn.Linear(n_features, WIDTH), nn.Tanh(), nn.Dropout(0.3), nn.Linear(WIDTH, n_targets)
        )

    def body(self, z):
        return self.layers(z)


class DroppedByFunction(Other):
    """Dropout that is no layer, and noise."""

    def make(self, n_features, n_targets):
        self.hidden, self.out = nn.Linear(n_features, WIDTH), nn.Linear(WIDTH, n_targets)

    def body(self, z):
        noisy = z + 0.1 * torch.randn_like(z) if self.training else z
        return self.out(nn.functional.dropout(torch.tanh(self.hidden(noisy)), 0.3, self.training))


class Tied(Other):
    """Two layers that share their weight, one of them twice."""

    def make(self, n_features, n_targets):
        self.first = nn.Linear(n_features, WIDTH)
        self.middle, self.other = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.other.weight = self.middle.weight
        self.again, self.out = self.middle, nn.Linear(WIDTH, n_targets)

    def body(self, z):
        hidden = torch.tanh(self.middle(torch.tanh(self.first(z))))
        return self.out(torch.tanh(self.again(torch.tanh(self.other(hidden)))))


class TiedAcross(Other):
    """An autoencoder whose decoder is its encoder, transposed."""

    def make(self, n_features, n_targets):
        self.encoder, self.out = nn.Linear(n_features, WIDTH), nn.Linear(n_features, n_targets)

    def body(self, z):
        return self.out(torch.tanh(nn.functional.linear(torch.tanh(self.encoder(z)), self.encoder.weight.T)))


class Recurrent(Other):
    """An LSTM over the inputs as if they were a sequence."""

    def make(self, n_features, n_targets):
        self.lstm, self.out = nn.LSTM(1, WIDTH, batch_first=True), nn.Linear(WIDTH, n_targets)

    def body(self, z):
        return self.out(self.lstm(z[:, :, None])[0][:, -1])


class Attentive(Other):
    """A transformer layer over the inputs, with dropout inside."""

    def make(self, n_features, n_targets):
        self.token = nn.Linear(1, 4)
        self.layer = nn.TransformerEncoderLayer(4, 2, dim_feedforward=8, dropout=0.2, batch_first=True)
        self.out = nn.Linear(4, n_targets)

    def body(self, z):
        return self.out(self.layer(self.token(z[:, :, None])).mean(dim=1))


class Convolved(Other):
    """A convolution."""

    def make(self, n_features, n_targets):
        self.convolution, self.out = nn.Conv1d(1, 4, 2, padding=1), nn.Linear(4, n_targets)

    def body(self, z):
        return self.out(torch.tanh(self.convolution(z[:, None])).mean(dim=2))


class Decided(Other):
    """Takes one way or another by its values."""

    def make(self, n_features, n_targets):
        self.first, self.second = nn.Linear(n_features, n_targets), nn.Linear(n_features, n_targets)

    def body(self, z):
        return self.first(z) if z.mean() > 0 else self.second(z)


class ByColumn(Other):
    """Linear layers only, in a forward that counts its axes from the front."""

    def make(self, n_features, n_targets):
        self.out = nn.Linear(2 * n_features, n_targets)

    def body(self, z):
        return self.out(torch.cat([z, z**2], dim=1))


class Divided(Other):
    """Decays weights with two axes and no others."""

    def make(self, n_features, n_targets):
        self.hidden, self.out = nn.Linear(n_features, WIDTH), nn.Linear(WIDTH, n_targets)

    def body(self, z):
        return self.out(torch.tanh(self.hidden(z)))

    def configure_optimizers(self):
        decayed = [weight for weight in self.parameters() if weight.ndim > 1]
        other = [weight for weight in self.parameters() if weight.ndim < 2]
        groups = [{"params": decayed, "weight_decay": 0.5}, {"params": other, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=0.02)


class Scalar(Other):
    """A weight without axes, and a frozen layer without bias."""

    def make(self, n_features, n_targets):
        self.strength = nn.Parameter(torch.tensor(0.5))
        self.frozen, self.out = nn.Linear(n_features, WIDTH, bias=False), nn.Linear(WIDTH, n_targets)
        self.frozen.requires_grad_(False)

    def body(self, z):
        return self.strength * self.out(torch.tanh(self.frozen(z)))


FORMS = {
    RootParameters: "vmap",
    Normed: "batched",
    Embedded: "batched",
    Dropped: "batched",
    DroppedByFunction: "loop",
    Tied: "batched",
    TiedAcross: "vmap",
    Recurrent: "loop",
    Attentive: "loop",
    Convolved: "vmap",
    Decided: "loop",
    ByColumn: "vmap",
    Divided: "vmap",
    Scalar: "vmap",
}
"""How the members of each are computed together."""
