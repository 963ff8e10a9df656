"""The function transforms that `functorch` and `torch.func` are the names of."""
