"""``python -m remanence`` equals the console script ``remanence``."""

from remanence.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
