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
print("error", run.metrics["test/mse"], " latents kept", run.metrics["test/kept_latents"])

# %% [markdown]
# Do the latents know red, green and blue? And is one of them one colour? The second is not asked of them.

# %%
print({name: value for name, value in run.metrics.items() if name.startswith("test/knn_r2/")})
print("DCI", run.metrics["test/disentanglement"])

# %%
latents = run.predict(data.values[:5])
print(latents)
