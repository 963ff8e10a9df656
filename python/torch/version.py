"""The version of PyTorch whose names, messages and printing the facade follows: that of `autograd/version.json`."""
import json
import pkgutil

__version__ = json.loads(pkgutil.get_data("torch", "version.json"))["torch"]
# No GPU toolkit, as in a build of PyTorch for the CPU.
cuda = None
hip = None
debug = False
git_version = "Unknown"
