# %% workers have random numbers of their own
import random
from torch.utils.data import DataLoader, Dataset, get_worker_info
class Noisy(Dataset):
    def __len__(self): return 9
    def __getitem__(self, i):
        info = get_worker_info()
        return torch.randn(2), i, random.random(), -1 if info is None else info.id, torch.initial_seed()
for workers in (0, 1, 2, 3):
    torch.manual_seed(workers); random.seed(workers)
    for batch in DataLoader(Noisy(), batch_size=2, shuffle=True, num_workers=workers, prefetch_factor=2): print(batch)
    print(torch.rand(2), random.random(), get_worker_info())
# %% begun by a function, and kept from epoch to epoch
from torch.utils.data import DataLoader, Dataset
class Noisy(Dataset):
    def __len__(self): return 5
    def __getitem__(self, i): return torch.rand(1), i
generator = torch.Generator().manual_seed(5)
for persistent in (False, True):
    loader = DataLoader(Noisy(), batch_size=2, num_workers=2, generator=generator, worker_init_fn=lambda i: torch.manual_seed(i), persistent_workers=persistent)
    for epoch in range(3):
        for batch in loader: print(epoch, batch)
# %% what a worker changes stays with it
from torch.utils.data import DataLoader, Dataset
class Counting(Dataset):
    def __init__(self): self.calls, self.seen, self.data = 0, [], torch.arange(6)
    def __len__(self): return 6
    def __getitem__(self, i):
        self.calls += 1; self.seen.append(i)
        return self.data[i], self.calls
for workers in (0, 2):
    dataset = Counting()
    loader = DataLoader(dataset, batch_size=2, num_workers=workers)
    for epoch in range(2): print([batch for batch in loader])
    print(dataset.calls, dataset.seen)
# %% an error within a worker
from torch.utils.data import DataLoader, Dataset
class Failing(Dataset):
    def __init__(self, error): self.error = error
    def __len__(self): return 5
    def __getitem__(self, i):
        if i == 3: raise self.error
        return i
for error in (ValueError("bad item"), KeyError("k"), IndexError(7)):
    for workers in (0, 2):
        try:
            for batch in DataLoader(Failing(error), batch_size=2, num_workers=workers): print(batch)
        except Exception as raised: print(type(raised).__name__, str(raised).split("\n")[0])
# %% iterable data sets and their workers
import warnings
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
class Shared(IterableDataset):
    def __iter__(self):
        info = get_worker_info()
        return iter(range(10) if info is None else range(info.id, 10, info.num_workers))
class Uneven(IterableDataset):
    def __len__(self): return 4
    def __iter__(self): return iter(range(3 * (1 if get_worker_info() is None else get_worker_info().id)))
    def __repr__(self): return "Uneven"
for dataset in (Shared(), Uneven()):
    for settings in ({}, {"num_workers": 1}, {"num_workers": 2}, {"num_workers": 2, "batch_size": 2}, {"num_workers": 2, "batch_size": 2, "drop_last": True}, {"num_workers": 2, "batch_size": None}):
        loader = DataLoader(dataset, **settings)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if dataset.__class__ is Uneven: print(len(loader))
            print(settings, list(loader), [str(w.message) for w in caught if "Length" in str(w.message)])
# %% the iterator of a loader, and when samplers are asked
from torch.utils.data import DataLoader, Sampler
class Telling(Sampler):
    def __init__(self): pass
    def __len__(self): return 6
    def __iter__(self):
        for i in range(6):
            print("sampled", i)
            yield i
for workers in (0, 1, 2):
    it = iter(DataLoader(list(range(6)), sampler=Telling(), num_workers=workers))
    print("made", type(it).__name__, len(it), iter(it) is it)
    print(next(it)); print(next(it))
    del it
# %% samples put together
from collections import UserDict, namedtuple
from torch.utils.data import default_collate, default_convert
Pair = namedtuple("Pair", "a b")
for samples in ([Pair(1, 2.0), Pair(3, 4.0)], [(1, "a"), (2, "b")], [[1, 2], [3, 4]], [{"a": (1, [2])}, {"a": (3, [4])}], [b"x", b"y"], [True, False], [torch.ones(2), torch.zeros(2)], [None, None], [[1], [2, 3]], [(1,), (2, 3)], [UserDict(a=1), UserDict(a=2)], [torch.ones(2), torch.zeros(3)], [{1, 2}]):
    try: print(default_collate(samples))
    except Exception as error: print(type(error).__name__, error)
from torch.utils.data._utils.collate import default_collate as same
print(same is default_collate, default_convert({"a": [1, (2,)]}), default_convert(Pair(1, 2)), default_convert("x"))
