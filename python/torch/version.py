"""The version of PyTorch whose names, messages and printing the facade follows."""
__version__ = "1.13.0"
# No GPU toolkit, as in a build of PyTorch for the CPU.
cuda = None
hip = None
debug = False
