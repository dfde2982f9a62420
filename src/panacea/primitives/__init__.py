"""The shared words: addresses, coins, exact numbers, times, and the ways to say no. Standard library only."""
