"""`python -m benchmarks.peers` builds the peers that the benchmarks compare with."""

from benchmarks.peers import install

if __name__ == "__main__":
    install()
