"""torch.optim: the optimizers."""
from .._missing import guard
from . import lr_scheduler
from .adam import Adam, Adamax, AdamW
from .adaptive import Adadelta, Adagrad, RMSprop
from .optimizer import Optimizer
from .sgd import SGD

__getattr__ = guard("torch.optim")
