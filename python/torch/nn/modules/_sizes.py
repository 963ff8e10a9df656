"""Sizes that may be given as one number for all dimensions."""


def sizes(value, n):
    """A tuple of n: the one given, or the one number again and again."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * n
