"""``python -m remanence`` equals the console script ``remanence``."""

from remanence.verbs.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
