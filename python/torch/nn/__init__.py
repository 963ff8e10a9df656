"""torch.nn: modules, parameters, and functions of layers."""
from .._missing import guard
from . import functional, init, modules, parameter, utils
from .modules import *
from .parameter import Parameter

__getattr__ = guard("torch.nn")
