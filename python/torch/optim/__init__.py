"""torch.optim: the optimizers."""
import sys
import types

from .._missing import guard
from . import lr_scheduler
from .adam import Adam, Adamax, AdamW
from .adaptive import Adadelta, Adagrad, RMSprop
from .lbfgs import LBFGS
from .nesterov import NAdam, RAdam
from .optimizer import Optimizer
from .sgd import SGD
from .signs import ASGD, Rprop, SparseAdam

# PyTorch has a module for each.
for _cls in (Adadelta, Adagrad, Adamax, AdamW, ASGD, NAdam, RAdam, RMSprop, Rprop, SparseAdam):
    _name = "sparse_adam" if _cls is SparseAdam else _cls.__name__.lower()
    _module = types.ModuleType(f"{__name__}.{_name}", _cls.__doc__)
    _cls.__module__ = _module.__name__
    setattr(_module, _cls.__name__, _cls)
    sys.modules[_module.__name__] = globals()[_name] = _module

__getattr__ = guard("torch.optim")
