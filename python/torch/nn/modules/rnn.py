"""Recurrent networks: cells, and layers of them over sequences."""
import math
import warnings

import torch

from .. import functional as F
from .. import init
from ..parameter import Parameter
from .module import Module

__all__ = ["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"]


def _plain(activation):
    def step(ih, hh, state):
        return (activation(ih + hh),)

    return step


def _lstm(ih, hh, state):
    """Gates in the order input, forget, cell, output."""
    i, f, g, o = (ih + hh).chunk(4, -1)
    c = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def _gru(ih, hh, state):
    """Gates in the order reset, update, new."""
    r_i, z_i, n_i = ih.chunk(3, -1)
    r_h, z_h, n_h = hh.chunk(3, -1)
    r = (r_i + r_h).sigmoid()
    z = (z_i + z_h).sigmoid()
    n = (n_i + r * n_h).tanh()
    return ((state[0] - n) * z + n,)


_STEPS = {"RNN_TANH": _plain(torch.tanh), "RNN_RELU": _plain(torch.relu), "LSTM": _lstm, "GRU": _gru}
_GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}


class RNNBase(Module):
    """Layers of cells; weight_ih_l[k] [gates * hidden, input], weight_hh_l[k] [gates * hidden, hidden]."""

    def __init__(
        self,
        mode,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        proj_size=0,
        device=None,
        dtype=None,
    ):
        super().__init__()
        if proj_size:
            raise NotImplementedError(
                "proj_size is not in the embedded engine (yet); the PyTorch engine has it"
            )
        if not 0 <= dropout <= 1 or isinstance(dropout, bool):
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
            )
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={num_layers}"
            )
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._names = []
        rows = _GATES[mode] * hidden_size
        for layer in range(num_layers):
            for suffix in self._suffixes(layer):
                columns = input_size if layer == 0 else hidden_size * (2 if bidirectional else 1)
                shapes = {"weight_ih": (rows, columns), "weight_hh": (rows, hidden_size)}
                if bias:
                    shapes.update(bias_ih=(rows,), bias_hh=(rows,))
                for name, shape in shapes.items():
                    setattr(self, name + suffix, Parameter(torch.empty(shape, dtype=dtype)))
                self._names.append([name + suffix for name in shapes])
        self.reset_parameters()

    def _suffixes(self, layer):
        return [f"_l{layer}", f"_l{layer}_reverse"] if self.bidirectional else [f"_l{layer}"]

    @property
    def all_weights(self):
        return [[getattr(self, name) for name in names] for names in self._names]

    def flatten_parameters(self):
        """Nothing to do on a CPU."""

    def reset_parameters(self):
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        if self.num_layers != 1:
            text += f", num_layers={self.num_layers}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if self.batch_first is not False:
            text += f", batch_first={self.batch_first}"
        if self.dropout != 0:
            text += f", dropout={self.dropout}"
        if self.bidirectional is not False:
            text += f", bidirectional={self.bidirectional}"
        return text

    def _states(self, input, hx, batched):
        """Per state (hidden; for LSTM also cell) a tensor [layers * directions, batch, hidden]."""
        count = 2 if self.mode == "LSTM" else 1
        directions = 2 if self.bidirectional else 1
        shape = (self.num_layers * directions, input.size(1), self.hidden_size)
        if hx is None:
            return [torch.zeros(shape, dtype=input.dtype) for _ in range(count)]
        states = list(hx) if self.mode == "LSTM" else [hx]
        if not batched:
            states = [state.unsqueeze(1) for state in states]
        for state, name in zip(states, ("hidden[0]", "hidden[1]") if count == 2 else ("hidden",)):
            if tuple(state.size()) != shape:
                given = f"Expected {name} size {shape}, got {list(state.size())}"
                raise RuntimeError(given)
        return states

    def forward(self, input, hx=None):
        if input.dim() not in (2, 3):
            raise AssertionError(f"{type(self).__name__}: Expected input to be 2-D or 3-D but received {input.dim()}-D tensor")
        batched = input.dim() == 3
        time = 1 if self.batch_first and batched else 0
        x = input if batched else input.unsqueeze(1)
        x = x.transpose(0, 1) if time == 1 else x
        if x.size(-1) != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {x.size(-1)}"
            )
        states = self._states(x, hx, batched)
        ends = []
        for layer in range(self.num_layers):
            outputs = []
            for direction, suffix in enumerate(self._suffixes(layer)):
                at = layer * len(self._suffixes(layer)) + direction
                out, end = self._sequence(x, suffix, [state[at] for state in states], direction == 1)
                outputs.append(out)
                ends.append(end)
            x = torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0]
            if self.dropout and layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        last = [torch.stack(list(state), 0) for state in zip(*ends)]
        if not batched:
            x, last = x.squeeze(1), [state.squeeze(1) for state in last]
        elif time == 1:
            x = x.transpose(0, 1)
        return x, tuple(last) if self.mode == "LSTM" else last[0]

    def _sequence(self, x, suffix, state, backwards):
        """One layer in one direction: the outputs [time, batch, hidden] and the state at the end."""
        step = _STEPS[self.mode]
        bias = self.bias
        ih = F.linear(x, getattr(self, "weight_ih" + suffix), getattr(self, "bias_ih" + suffix) if bias else None)
        weight = getattr(self, "weight_hh" + suffix)
        bias_hh = getattr(self, "bias_hh" + suffix) if bias else None
        inputs = list(ih.unbind(0))
        outputs = []
        for now in reversed(inputs) if backwards else inputs:
            state = step(now, F.linear(state[0], weight, bias_hh), state)
            outputs.append(state[0])
        return torch.stack(outputs[::-1] if backwards else outputs, 0), state


class RNN(RNNBase):
    """tanh (or relu) of the sum of a linear function of the input and one of the state."""

    def __init__(self, *args, nonlinearity="tanh", **kwargs):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'")
        self.nonlinearity = nonlinearity
        super().__init__("RNN_" + nonlinearity.upper(), *args, **kwargs)


class LSTM(RNNBase):
    """Long short-term memory."""

    def __init__(self, *args, **kwargs):
        super().__init__("LSTM", *args, **kwargs)


class GRU(RNNBase):
    """Gated recurrent unit."""

    def __init__(self, *args, **kwargs):
        super().__init__("GRU", *args, **kwargs)


class _Cell(Module):
    """One step; weight_ih [gates * hidden, input], weight_hh [gates * hidden, hidden]."""

    _mode = ""

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__()
        rows = _GATES[self._mode] * hidden_size
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        self.weight_ih = Parameter(torch.empty((rows, input_size), dtype=dtype))
        self.weight_hh = Parameter(torch.empty((rows, hidden_size), dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(torch.empty(rows, dtype=dtype)) if bias else None)
        bound = 1.0 / math.sqrt(hidden_size) if hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        return text if self.bias is True else text + f", bias={self.bias}"

    def forward(self, input, hx=None):
        if input.dim() not in (1, 2):
            raise AssertionError(
                f"{type(self).__name__}: Expected input to be 1-D or 2-D but received {input.dim()}-D tensor"
            )
        alone = input.dim() == 1
        x = input.unsqueeze(0) if alone else input
        many = self._mode == "LSTM"
        if hx is None:
            zeros = torch.zeros(x.size(0), self.hidden_size, dtype=x.dtype)
            state = (zeros, zeros)
        else:
            state = tuple(hx) if many else (hx,)
            state = tuple(s.unsqueeze(0) for s in state) if alone else state
        ih = F.linear(x, self.weight_ih, self.bias_ih)
        hh = F.linear(state[0], self.weight_hh, self.bias_hh)
        new = _STEPS[self._mode](ih, hh, state)
        new = tuple(s.squeeze(0) for s in new) if alone else new
        return new if many else new[0]


class RNNCell(_Cell):
    """One step of RNN."""

    _mode = "RNN_TANH"

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        if nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {nonlinearity}")
        self._mode = "RNN_" + nonlinearity.upper()
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def extra_repr(self):
        text = super().extra_repr()
        return text if self.nonlinearity == "tanh" else text + f", nonlinearity={self.nonlinearity}"


class LSTMCell(_Cell):
    """One step of LSTM."""

    _mode = "LSTM"


class GRUCell(_Cell):
    """One step of GRU."""

    _mode = "GRU"
