def test_each_scale_has_its_sections_in_both_cards(own_run):
    model, data = ((own_run.folder / f"{name}_card.md").read_text() for name in ("model", "data"))

    scales = list(dict.fromkeys(key.split("/")[1] for key in own_run.run.data.metrics if key.startswith("test/")))
    assert "# Model card: own" in model
    for scale in [scale for scale in scales if f"## Scale {scale}\n" in model]:
        assert f"## {scale}: how well it predicts" in model
        assert f"## {scale}: known faults" in data
    assert model.count("## Scale ") == 2
    assert "| single_autoencoder |" in model


def test_the_error_of_the_card_is_that_of_the_run(own_run):
    model = (own_run.folder / "model_card.md").read_text()

    first = own_run.table("fold_errors")["scale"].iloc[0]
    error = own_run.run.data.metrics[f"test/{first}/mae"]
    assert f"| **this run** | {error:.4g} " in model
