def test_results_that_are_typed_back_are_shown_as_best_so_far_against_experiments(train, table, command):
    begun = table("begun.csv", rows=20)
    first = train(
        f"data.path={begun}", "data.features=[x,amount]", "data.target=d33", "name=begun", experiment="piezo/table"
    )
    more = table("more.csv", rows=26)

    result = command("train", f"fork={first.info.run_id}", f"data.path={more}", "name=more")
    compared = command("compare", "begun")

    assert result.code == compared.code == 0, result.err + compared.err
    _, campaign = compared.out.split("campaign of begun: best so far")
    rows = [line.split("│")[1:3] for line in campaign.splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row] for row in rows] == [["begun", "20"], ["more", "26"]]
