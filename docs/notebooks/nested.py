# %% [markdown]
# # NestedAE
#
# Three scales of the same samples: what the finer scale has learnt helps the coarser one. The tables are simulated; for
# perovskites take `nested/perovskite`.

# %%
import remanence as rm

SETTINGS: list[str] = []

# %%
data = rm.open_data("nested/synthetic", *[setting for setting in SETTINGS if setting.startswith("data.")])
print({scale: rows.frame.shape for scale, rows in data.rows.items()})

# %%
run = rm.train("nested/synthetic", *SETTINGS)
for scale in ("fine", "middle", "coarse"):
    print(f"{scale}: mean error {run.metrics[f'test/{scale}/mae']:.3g}")

# %% [markdown]
# The median error stands beside the mean one, because a few rows are most of the mean.

# %%
print(f"coarse: median error {run.metrics['test/coarse/median_error']:.3g}")
run.figures.named("chain", "parity_coarse")
