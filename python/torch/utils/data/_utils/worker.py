"""
The workers of a loader. There are no other processes here, so each is a copy of the data set with random numbers of
its own, and works while the main process waits for its batch: what it makes is what PyTorch's makes.
"""
import copy
import random
import sys
import traceback

import torch

_active = None


def get_worker_info():
    """What the worker that makes the current sample is; None in the main process."""
    return _active


class WorkerInfo:
    """Of one worker: id, num_workers, seed, dataset."""

    def __init__(self, **about):
        self.__dict__.update(about)

    def __setattr__(self, name, value):
        raise RuntimeError(f"Cannot assign attributes to {type(self).__name__} objects")

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in self.__dict__.items())})"


def _numpy_random():
    """numpy.random, where the program has imported NumPy itself; else None."""
    return getattr(sys.modules.get("numpy"), "random", None)


class _Randomness:
    """The state of every generator that a program draws from."""

    def __init__(self):
        self._numpy = _numpy_random()
        self._torch = torch.get_rng_state()
        self._python = random.getstate()
        self._arrays = self._numpy.get_state() if self._numpy else None

    def restore(self):
        torch.set_rng_state(self._torch)
        random.setstate(self._python)
        if self._numpy:
            self._numpy.set_state(self._arrays)

    @staticmethod
    def begin(seed, base_seed, worker):
        random.seed(seed)
        torch.manual_seed(seed)
        arrays = _numpy_random()
        if arrays:
            entropy = [worker, base_seed & 0xFFFFFFFF, base_seed >> 32, 0]
            arrays.seed(arrays.SeedSequence(entropy).generate_state(4))


def _own_copy(dataset):
    """The data set as a process that was forked has it: changes stay with the worker. Tensors are not copied."""
    shared = {kind: copy._deepcopy_dispatch.get(kind) for kind in (torch.Tensor, torch.nn.Parameter)}
    try:
        copy._deepcopy_dispatch.update(dict.fromkeys(shared, lambda tensor, memo: tensor))
        return copy.deepcopy(dataset)
    except Exception:
        return copy.copy(dataset)
    finally:
        for kind, before in shared.items():
            if before is None:
                del copy._deepcopy_dispatch[kind]
            else:
                copy._deepcopy_dispatch[kind] = before


class Worker:
    """
    One worker. `fetcher`: from a data set to what makes a batch of given indices.
    """

    def __init__(self, number, loader, base_seed, fetcher):
        self._number = number
        self._fetcher = fetcher
        self._failed = None
        dataset = _own_copy(loader.dataset)
        seed = base_seed + number
        self._info = WorkerInfo(id=number, num_workers=loader.num_workers, seed=seed, dataset=dataset)
        self._random = None

        def start():
            _Randomness.begin(seed, base_seed, number)
            if loader.worker_init_fn is not None:
                loader.worker_init_fn(number)
            self.resume()

        try:
            self._within(start)
        except Exception as error:
            # It comes up where the first batch is asked for.
            self._failed = self._told(error)

    def resume(self):
        """Begin another pass over the data set."""
        self._fetch = self._fetcher(self._info.dataset)

    def batch(self, indices):
        """
        The batch of these indices.

        Raises StopIteration where an iterable data set has ended, else what the data set raised, with where.
        """
        if self._failed is not None:
            raise self._failed
        try:
            return self._within(lambda: self._fetch(indices))
        except StopIteration:
            raise
        except Exception as error:
            raise self._told(error) from None

    def _within(self, work):
        global _active
        main = _Randomness()
        if self._random is not None:
            self._random.restore()
        _active = self._info
        try:
            return work()
        finally:
            _active = None
            self._random = _Randomness()
            main.restore()

    def _told(self, error):
        lines = traceback.format_exception(type(error), error, error.__traceback__)
        text = f"Caught {type(error).__name__} in DataLoader worker process {self._number}.\nOriginal {''.join(lines)}"
        if type(error) is KeyError:
            # Its message would be shown with every line end spelled out.
            text = _Message(text)
        try:
            return type(error)(text)
        except TypeError:
            return RuntimeError(text)


class _Message(str):
    def __repr__(self):
        return self
