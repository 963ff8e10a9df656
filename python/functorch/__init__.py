"""functorch, as PyTorch 1.13 has it: transforms of functions."""
import torch
from torch._functorch.modules import (
    FunctionalModule,
    FunctionalModuleWithBuffers,
    combine_state_for_ensemble,
    make_functional,
    make_functional_with_buffers,
)
from torch._functorch.transforms import functionalize, grad, grad_and_value, hessian, jacfwd, jacrev, jvp, vjp
from torch._functorch.vmap import vmap

__version__ = torch.__version__
