"""DataLoader: batches of a data set, by the main process or by workers that take turns with it."""
import warnings
from collections import deque
from itertools import cycle, islice, repeat

from ._utils.collate import default_collate, default_convert
from ._utils.worker import Worker, get_worker_info
from .dataset import IterableDataset
from .sampler import BatchSampler, RandomSampler, SequentialSampler, arbitrary_seed


class DataLoader:
    """Iterating over it gives batches."""

    def __init__(
        self,
        dataset,
        batch_size=1,
        shuffle=None,
        sampler=None,
        batch_sampler=None,
        num_workers=0,
        collate_fn=None,
        pin_memory=False,
        drop_last=False,
        timeout=0,
        worker_init_fn=None,
        multiprocessing_context=None,
        generator=None,
        *,
        prefetch_factor=2,
        persistent_workers=False,
        pin_memory_device="",
    ):
        if num_workers < 0:
            raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        if num_workers == 0 and prefetch_factor != 2:
            raise ValueError(
                "prefetch_factor option could only be specified in multiprocessing."
                "let num_workers > 0 to enable multiprocessing."
            )
        if persistent_workers and num_workers == 0:
            raise ValueError("persistent_workers option needs num_workers > 0")
        self.dataset = dataset
        self.num_workers = num_workers
        self.pin_memory = pin_memory
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.prefetch_factor = prefetch_factor
        self.persistent_workers = persistent_workers
        self.pin_memory_device = pin_memory_device
        self.generator = generator
        iterable = isinstance(dataset, IterableDataset)
        if iterable and shuffle:
            raise ValueError(
                f"DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle={shuffle}"
            )
        shuffle = bool(shuffle)
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
                )
            batch_size = None
            drop_last = False
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None and not iterable:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None and batch_sampler is None and not iterable:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.collate_fn = collate_fn or (default_collate if self._batched else default_convert)
        self._iterator = None
        # Of an iterable data set, once it was asked for.
        self._told_length = None
        self._initialized = True

    def __setattr__(self, attr, val):
        fixed = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")
        if "_initialized" in self.__dict__ and attr in fixed:
            raise ValueError(f"{attr} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(attr, val)

    def __class_getitem__(cls, _):
        return cls

    def __iter__(self):
        if not (self.persistent_workers and self.num_workers > 0):
            return self._get_iterator()
        if self._iterator is None:
            self._iterator = self._get_iterator()
        else:
            self._iterator._reset()
        return self._iterator

    def _get_iterator(self):
        return (_MultiProcessingDataLoaderIter if self.num_workers > 0 else _SingleProcessDataLoaderIter)(self)

    @property
    def _iterable(self):
        return isinstance(self.dataset, IterableDataset)

    @property
    def _index_sampler(self):
        """What gives the indices of a batch, or of a sample where there are no batches."""
        if self._iterable:
            return repeat([None] * self.batch_size if self._batched else None)
        return self.batch_sampler if self._batched else self.sampler

    @property
    def _batched(self):
        return self.batch_size is not None or self.batch_sampler is not None

    def _fetcher(self, dataset):
        """A function from indices to their batch; of an iterable data set it raises StopIteration at the end."""
        if not self._iterable:
            if self._batched:
                return lambda indices: self.collate_fn([dataset[i] for i in indices])
            return lambda index: self.collate_fn(dataset[index])
        samples = iter(dataset)
        if not self._batched:
            return lambda _: self.collate_fn(next(samples))

        def fetch(indices):
            batch = list(islice(samples, len(indices)))
            if not batch or (self.drop_last and len(batch) < len(indices)):
                raise StopIteration
            return self.collate_fn(batch)

        return fetch

    def __len__(self):
        if not self._iterable:
            return len(self._index_sampler)
        n = self._told_length = len(self.dataset)
        if self.batch_size is None:
            return n
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)


class _BaseDataLoaderIter:
    """One pass over a loader's batches."""

    def __init__(self, loader):
        self._loader = loader
        # PyTorch draws a seed for its workers even where there are none.
        self._base_seed = arbitrary_seed(loader.generator)
        self._reset()

    def _reset(self):
        self._sampler_iter = iter(self._loader._index_sampler)
        self._yielded = 0
        self._told_length = self._loader._told_length

    def __iter__(self):
        return self

    def __next__(self):
        data = self._next_data()
        self._yielded += 1
        if self._told_length is not None and self._yielded > self._told_length:
            said = (
                f"Length of IterableDataset {self._loader.dataset} was reported to be {self._told_length} (when accessing "
                f"len(dataloader)), but {self._yielded} samples have been fetched. "
            )
            if self._loader.num_workers > 0:
                said += (
                    "For multiprocessing data-loading, this could be caused by not properly configuring the "
                    "IterableDataset replica at each worker. Please see "
                    "https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset for examples."
                )
            warnings.warn(said)
        return data

    def __len__(self):
        return len(self._loader._index_sampler)


class _SingleProcessDataLoaderIter(_BaseDataLoaderIter):
    """The main process makes each batch when it is asked for."""

    def __init__(self, loader):
        super().__init__(loader)
        self._fetch = loader._fetcher(loader.dataset)

    def _next_data(self):
        return self._fetch(next(self._sampler_iter))


class _MultiProcessingDataLoaderIter(_BaseDataLoaderIter):
    """Workers take turns; each has the indices of `prefetch_factor` batches ahead."""

    def __init__(self, loader):
        self._workers = None
        super().__init__(loader)

    def _reset(self):
        super()._reset()
        loader = self._loader
        if self._workers is None:
            self._workers = [
                Worker(i, loader, self._base_seed, loader._fetcher) for i in range(loader.num_workers)
            ]
        else:
            for worker in self._workers:
                worker.resume()
        self._turns = cycle(self._workers)
        self._working = set(self._workers)
        self._ahead = deque()
        for _ in range(loader.prefetch_factor * loader.num_workers):
            self._send()

    def _send(self):
        """The next indices to the next worker that has not ended."""
        if not self._working:
            return
        try:
            indices = next(self._sampler_iter)
        except StopIteration:
            return
        self._ahead.append((next(worker for worker in self._turns if worker in self._working), indices))

    def _next_data(self):
        while self._ahead:
            worker, indices = self._ahead.popleft()
            if worker not in self._working:
                continue
            try:
                data = worker.batch(indices)
            except StopIteration:
                self._working.discard(worker)
                self._send()
                continue
            self._send()
            return data
        raise StopIteration
