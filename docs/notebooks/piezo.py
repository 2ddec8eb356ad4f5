# %% [markdown]
# # The piezoceramics paper
#
# The paper's network on one series of ceramics, tested on another that was sintered differently. The rows are
# simulated: the paper's are not public.

# %%
import remanence as rm

SETTINGS: list[str] = []

# %%
data = rm.open_data("piezo/ns_to_qs")
print(len(data.frame), "ceramics;", data.frame["series"].value_counts().to_dict())

# %%
run = rm.train("piezo/ns_to_qs", *SETTINGS)
print("d33: R²", run.metrics["test/r2"], " relative error", run.metrics["test/relative_error"])
print("ε_r: R²", run.metrics["test/eps_r/r2"], " relative error", run.metrics["test/eps_r/relative_error"])

# %% [markdown]
# Is the network better than what everybody has? The baselines stand on the same rows.

# %%
models = run.table("models") if "models" in run.tables else None
print(models)

# %% [markdown]
# Which activation? Trials that differ in numbers train together, and each is a run of its own.

# %%
search = rm.sweep("piezo/ns_to_qs", {"model.activation": ["tanh", "relu"]}, *SETTINGS)
print(search.trials)
