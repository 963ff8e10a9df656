# %% a group of one process
import os
import torch.distributed as dist
os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = "127.0.0.1", "29513"
try:
    dist.get_rank()
except RuntimeError as error:
    print(error)
try:
    dist.init_process_group("gloo")
except ValueError as error:
    print(error)
dist.init_process_group("gloo", rank=0, world_size=1)
print(dist.is_initialized(), dist.get_rank(), dist.get_world_size(), dist.get_backend())
t, parts, objects = torch.arange(3.0), [torch.zeros(3)], [None]
print(dist.all_reduce(t), dist.broadcast(t, 0), dist.barrier(), dist.reduce(t, 0, op=dist.ReduceOp.MAX), t)
work = dist.all_reduce(t, async_op=True)
work.wait()
print(work.is_completed(), dist.all_gather(parts, t), parts)
dist.all_gather_object(objects, {"step": 3})
print(objects, dist.scatter(t, [torch.ones(3)], 0), t, dist.gather(t, parts, 0), parts)
try:
    dist.init_process_group("gloo", rank=0, world_size=1)
except RuntimeError as error:
    print(error)
dist.destroy_process_group()
print(dist.is_initialized())
# %% a model in a group of one
import os
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel as DDP
os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = "127.0.0.1", "29514"
torch.manual_seed(3)
try:
    DDP(torch.nn.Linear(2, 2))
except RuntimeError as error:
    print(error)
dist.init_process_group("gloo", rank=0, world_size=1)
model = DDP(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh()))
print(model, list(model.state_dict()))
loss = model(torch.ones(4, 2)).sum()
print(loss.grad_fn.name(), loss.grad_fn.next_functions[0][0].name())
loss.backward()
print(model.module[0].weight.grad)
with model.no_sync():
    model(torch.ones(4, 2)).sum().backward()
print(model.module[0].weight.grad)
try:
    DDP(torch.nn.ReLU())
except RuntimeError as error:
    print(error)
dist.destroy_process_group()
# %% each process its part
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler
data = TensorDataset(torch.arange(11))
for rank in range(3):
    for settings in ({"shuffle": False}, {"seed": 5}, {"drop_last": True}, {"shuffle": False, "drop_last": True}):
        sampler = DistributedSampler(data, num_replicas=3, rank=rank, **settings)
        sampler.set_epoch(2)
        print(rank, settings, list(sampler), len(sampler))
loader = DataLoader(data, batch_size=2, sampler=DistributedSampler(data, 2, 1))
print([batch[0].tolist() for batch in loader])
try:
    DistributedSampler(data, num_replicas=2, rank=2)
except ValueError as error:
    print(error)
try:
    DistributedSampler(data)
except RuntimeError as error:
    print(error)
# %% what asks about processes
import torch.multiprocessing as mp
print(mp.get_start_method(allow_none=True), sorted(mp.get_all_sharing_strategies()), mp.get_sharing_strategy())
mp.set_sharing_strategy("file_system")
print(mp.get_sharing_strategy(), mp.current_process().name, mp.parent_process())
print(mp.cpu_count() > 0, mp.get_start_method())
# %% an optimizer from its own module
from torch.optim.adamw import AdamW
from torch.optim.rmsprop import RMSprop
from torch.optim.sgd import SGD
import torch.optim.radam as radam
w = torch.ones(2, requires_grad=True)
for kind in (AdamW, RMSprop, SGD, radam.RAdam):
    optimizer = kind([w], lr=0.1)
    w.grad = torch.tensor([1.0, -2.0])
    optimizer.step()
    print(kind.__module__, w)
# %% typing_extensions comes with PyTorch
from typing_extensions import Annotated, Literal, Protocol, TypedDict, final, runtime_checkable
@runtime_checkable
class Layer(Protocol):
    def forward(self, x): ...
class Config(TypedDict, total=False):
    size: Literal[1, 2]
print(isinstance(torch.nn.ReLU(), Layer), isinstance(3, Layer), Config(size=1))
# %% a module is scripted or not
model = torch.nn.Linear(2, 2)
print(isinstance(model, torch.jit.ScriptModule), torch.jit.is_scripting())
