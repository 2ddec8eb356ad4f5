# %% [markdown]
# # The β-VAE paper on band-excitation spectra
#
# The toy problem: spectra of colours, of which three causes are known and none is told to the network.

# %%
import remanence as rm

SETTINGS: list[str] = []

# %%
data = rm.open_data("beps/toy", *[setting for setting in SETTINGS if setting.startswith("data.")])
print(data.values.shape, "pixels, steps and channels")

# %%
run = rm.train("beps/toy", *SETTINGS)
print(f"error {run.metrics['test/mse']:.3g}, latents kept {run.metrics['test/kept_latents']:.0f}")
run.figures.named("embedding_maps", "reconstructions")

# %% [markdown]
# Do the latents know red, green and blue? And is one of them one colour? The second is not asked of them.

# %%
print({name: round(value, 2) for name, value in run.metrics.items() if name.startswith("test/knn_r2/")})
print(f"DCI {run.metrics['test/disentanglement']:.2f}")
run.figures.named("latent_factors")

# %%
latents = run.predict(data.values[:5])
latents
