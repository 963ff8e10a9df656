"""The version of PyTorch whose names, messages and printing the facade follows."""
__version__ = "1.13.0"
