"""torch.func, as PyTorch 2 has it: transforms of functions."""
from ._functorch.modules import functional_call, stack_module_state
from ._functorch.transforms import (
    functionalize,
    grad,
    grad_and_value,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    linearize,
    vjp,
)
from ._functorch.vmap import vmap
