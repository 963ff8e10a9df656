"""torch.backends: none of them is there."""
import sys
import types

from .. import _missing


def _absent(name, **attributes):
    module = types.ModuleType(f"{__name__}.{name}")
    module.is_available = module.is_built = lambda: False
    vars(module).update(attributes)
    # So that `import torch.backends.cudnn as cudnn` finds it.
    sys.modules[module.__name__] = module
    return module


cuda = _absent("cuda")
mps = _absent("mps")
mkl = _absent("mkl")
mkldnn = _absent("mkldnn")
openmp = _absent("openmp")
cudnn = _absent("cudnn", enabled=True, benchmark=False, deterministic=False, allow_tf32=True, version=lambda: None)

__getattr__ = _missing.guard("torch.backends")
