"""Records the backward passes of a PyTorch program as a Backstep trace, without changing what the program does."""
