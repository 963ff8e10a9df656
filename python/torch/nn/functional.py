"""torch.nn.functional: activations, losses and layers as functions; what computes is an op, this is its Python face."""
from .._missing import guard
from ._activations import *
from ._attention import *
from ._images import *
from ._layers import *
from ._losses import *
from ._pooling import *

__getattr__ = guard("torch.nn.functional")
