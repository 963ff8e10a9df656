"""torch.types: names for annotations."""
from typing import List, Sequence, Tuple, Union

import torch
from torch import device as _device, dtype as _dtype, layout as _layout, memory_format as _memory_format  # noqa: F401

_int, _float, _bool = int, float, bool
_TensorOrTensors = Union[torch.Tensor, Sequence[torch.Tensor]]
_size = Union[torch.Size, List[int], Tuple[int, ...]]
Number = Union[int, float, bool]
Device = Union[torch.device, str, int, None]
