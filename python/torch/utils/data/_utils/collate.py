"""Samples put together as a batch."""
from collections.abc import Mapping, Sequence

import torch

_WANTED = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"


def _alike(kind, content, otherwise):
    """`kind` made of `content`; `otherwise` where that type cannot be made so."""
    try:
        return kind(content)
    except TypeError:
        return otherwise(content)


def default_collate(batch):
    """
    A list of samples as one sample of tensors with a new first dimension.

    Raises TypeError for samples of another kind, RuntimeError for lists of different lengths.
    """
    first = batch[0]
    kind = type(first)
    if isinstance(first, torch.Tensor):
        return torch.stack(list(batch), 0)
    if kind.__module__ == "numpy":
        return _of_numpy(batch, first)
    if isinstance(first, float):
        return torch.tensor(batch, dtype=torch.float64)
    if isinstance(first, int):
        return torch.tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _alike(kind, {key: default_collate([sample[key] for sample in batch]) for key in first}, dict)
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return kind(*(default_collate(samples) for samples in zip(*batch)))
    if isinstance(first, Sequence):
        if any(len(sample) != len(first) for sample in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        together = [default_collate(samples) for samples in zip(*batch)]
        return together if isinstance(first, tuple) else _alike(kind, together, list)
    raise TypeError(_WANTED.format(kind))


def _of_numpy(batch, first):
    if type(first).__name__ == "ndarray":
        if first.dtype.kind in "SaUO":
            raise TypeError(_WANTED.format(first.dtype))
        return default_collate([torch.as_tensor(sample) for sample in batch])
    return torch.as_tensor(batch)


def default_convert(data):
    """A sample with its numpy arrays as tensors; everything else as it is."""
    kind = type(data)
    if isinstance(data, torch.Tensor):
        return data
    if kind.__module__ == "numpy":
        return data if kind.__name__ == "ndarray" and data.dtype.kind in "SaUO" else torch.as_tensor(data)
    if isinstance(data, Mapping):
        return _alike(kind, {key: default_convert(data[key]) for key in data}, dict)
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return kind(*map(default_convert, data))
    if isinstance(data, tuple):
        return [default_convert(item) for item in data]
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _alike(kind, [default_convert(item) for item in data], list)
    return data
