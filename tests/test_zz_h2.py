def test_x(command, all_runs):
    result = command("train", "experiment=beps/toy", "-m", "seed=0,1", "trainer.max_epochs=5", "data.colours=300")
    print(result)
    print(all_runs())
    result = command("train", "experiment=piezo/single", "-m", "seed=0,1", "trainer.max_epochs=0")
    print(result)
