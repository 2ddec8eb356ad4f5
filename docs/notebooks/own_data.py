# %% [markdown]
# # My own data
#
# From a table of a laboratory to the next experiments. Open this file in Jupyter (jupytext) or run it as a script.

# %%
import pandas as pd

import remanence as rm

SETTINGS: list[str] = ["data.split.repeats=1"]  # one repetition of the folds; [] is three

# %% [markdown]
# A table stands in for yours: it is simulated, with the columns `x`, `lph_slope` and `d33`.

# %%
rm.open_data("piezo/ns").frame.to_csv("mine.csv", index=False)
table = pd.read_csv("mine.csv")
table.head()

# %%
run = rm.train(
    "piezo/table", "data.path=mine.csv", "data.target=d33", "data.features=[x,lph_slope]", "name=mine", *SETTINGS
)
print(f"R² {run.metrics['test/r2']:.2f}; {run.metrics['test/coverage']:.0%} of the rows lie in their intervals")

# %%
run.figures.named("parity_d33", "response_d33")

# %% [markdown]
# What the model says of new samples, with an interval for each, and which of them lie outside what it has seen.

# %%
predicted = run.predict(pd.DataFrame({"x": [0.06, 0.5], "lph_slope": [41.5, 41.5]}))
predicted[["d33", "d33_low", "d33_high", "extrapolated"]]

# %% [markdown]
# What to measure next, and why.

# %%
following = run.suggest(over={"x": (0, 0.25)}, given={"lph_slope": 35}, n=5)
following
