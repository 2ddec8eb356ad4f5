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
for name, part in {"d33": "test", "ε_r": "test/eps_r"}.items():
    print(f"{name}: R² {run.metrics[f'{part}/r2']:.2f}, relative error {run.metrics[f'{part}/relative_error']:.1%}")

# %%
run.figures.named("parity_d33")

# %% [markdown]
# Is the network better than what everybody has? The baselines stand on the same rows.

# %%
models = run.table("models") if "models" in run.tables else None
models if models is None else models[models["metric"].str.fullmatch("test/(r2|mae|p|relative_error)")]

# %% [markdown]
# Which activation? Trials that differ in numbers train together, and each is a run of its own.

# %%
search = rm.sweep("piezo/ns_to_qs", {"model.activation": ["tanh", "relu"]}, *SETTINGS)
search.trials.drop(columns=["seconds", "run"])
