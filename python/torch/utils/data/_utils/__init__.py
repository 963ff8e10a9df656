"""What PyTorch keeps apart of its loader: how samples become batches, and the workers that make them."""
from . import collate, worker
