"""`python -m panacea.cli`: the same as `panacea`."""

from panacea.cli.main import main

if __name__ == "__main__":
    main()
