from remanence.tracking.run import Run


def test_a_run_keeps_movies_in_a_folder_of_their_own(tmp_path):
    class Client:
        def log_artifact(self, *arguments):
            self.logged = arguments

    client = Client()
    run = Run(client, "7", uri="", outputs=tmp_path)
    path = run.movie_path("traversal.mp4")
    path.touch()
    run.log_movie(path)

    assert path.parent.is_dir()
    assert path.relative_to(run.folder).as_posix() == "movies/traversal.mp4"
    assert client.logged == ("7", str(path), "movies")
