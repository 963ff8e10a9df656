"""The layers of transformers and stacks of them."""
import copy
import math

import torch

from ... import _bridge
from .. import functional as F
from .. import init
from .activation import GELU, MultiheadAttention, ReLU
from .container import ModuleList
from .dropout import Dropout
from .linear import Linear
from .module import Module, own_init
from .normalization import LayerNorm

__all__ = (
    "Transformer TransformerEncoderLayer TransformerDecoderLayer TransformerEncoder"
    " TransformerDecoder"
).split()


def _get_activation_fn(activation):
    if activation == "relu":
        return F.relu
    if activation == "gelu":
        return F.gelu
    raise RuntimeError(f"activation should be relu/gelu, not {activation}")


class _Layer(Module):
    """What encoder and decoder layers share: attention, a network of two layers after it, and the norms."""

    __constants__ = ["batch_first", "norm_first"]
    _parts = 0

    def __init__(
        self,
        d_model,
        nhead,
        dim_feedforward=2048,
        dropout=0.1,
        activation=F.relu,
        layer_norm_eps=1e-5,
        batch_first=False,
        norm_first=False,
        device=None,
        dtype=None,
    ):
        super().__init__()
        for name in ("self_attn", "multihead_attn")[: self._parts - 1]:
            attention = MultiheadAttention(d_model, nhead, dropout=dropout, batch_first=batch_first, dtype=dtype)
            setattr(self, name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, dtype=dtype)
        self.norm_first = norm_first
        for i in range(self._parts):
            setattr(self, f"norm{i + 1}", LayerNorm(d_model, eps=layer_norm_eps, dtype=dtype))
        for i in range(self._parts):
            setattr(self, f"dropout{i + 1}", Dropout(dropout))
        self.activation = _get_activation_fn(activation) if isinstance(activation, str) else activation

    def __setstate__(self, state):
        super().__setstate__(state)
        self.__dict__.setdefault("activation", F.relu)

    def _ff_block(self, x):
        x = self.linear2(self.dropout(self.activation(self.linear1(x))))
        return (self.dropout2 if self._parts == 2 else self.dropout3)(x)

    def _sa_block(self, x, attn_mask, key_padding_mask):
        x = self.self_attn(x, x, x, attn_mask=attn_mask, key_padding_mask=key_padding_mask, need_weights=False)[0]
        return self.dropout1(x)

    def _through(self, x, parts):
        """Each part's result added to its input; normalized before or after."""
        for i, part in enumerate(parts):
            norm = getattr(self, f"norm{i + 1}")
            x = x + part(norm(x)) if self.norm_first else norm(x + part(x))
        return x


class TransformerEncoderLayer(_Layer):
    """Self-attention, then a network of two layers."""

    _parts = 2

    @property
    def activation_relu_or_gelu(self):
        activation = self.activation
        if activation is F.relu or isinstance(activation, ReLU):
            return 1
        return 2 if activation is F.gelu or isinstance(activation, GELU) else 0

    def forward(self, src, src_mask=None, src_key_padding_mask=None):
        _check_padding(src_key_padding_mask)
        return self._through(
            src, [lambda x: self._sa_block(x, src_mask, src_key_padding_mask), self._ff_block]
        )


class TransformerDecoderLayer(_Layer):
    """Self-attention, attention to the encoder's output, then a network of two layers."""

    _parts = 3

    def _mha_block(self, x, mem, attn_mask, key_padding_mask):
        x = self.multihead_attn(
            x, mem, mem, attn_mask=attn_mask, key_padding_mask=key_padding_mask, need_weights=False
        )[0]
        return self.dropout2(x)

    def forward(
        self,
        tgt,
        memory,
        tgt_mask=None,
        memory_mask=None,
        tgt_key_padding_mask=None,
        memory_key_padding_mask=None,
    ):
        return self._through(
            tgt,
            [
                lambda x: self._sa_block(x, tgt_mask, tgt_key_padding_mask),
                lambda x: self._mha_block(x, memory, memory_mask, memory_key_padding_mask),
                self._ff_block,
            ],
        )


own_init(TransformerEncoderLayer, TransformerDecoderLayer)


def _check_padding(mask):
    if mask is not None and mask.dtype is not torch.bool and not mask.is_floating_point():
        raise AssertionError("only bool and floating types of key_padding_mask are supported")


class _Stack(Module):
    """Copies of a layer, one after the other."""

    __constants__ = ["norm"]

    def __init__(self, layer, num_layers, norm):
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm


class TransformerEncoder(_Stack):
    """A stack of encoder layers."""

    def __init__(self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True):
        super().__init__(encoder_layer, num_layers, norm)
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def _drops_padding(self, src, mask, padding):
        """Whether PyTorch would run the sequences without their padding, as a nested tensor."""
        first = self.layers[0]
        if not isinstance(first, TransformerEncoderLayer) or first.norm_first or first.training:
            return False
        attention = first.self_attn
        if not (attention.batch_first and attention._qkv_same_embed_dim and first.activation_relu_or_gelu):
            return False
        if first.norm1.eps != first.norm2.eps or src.dim() != 3 or not self.enable_nested_tensor:
            return False
        if padding is None or mask is not None or attention.num_heads % 2 == 1:
            return False
        kept = padding.logical_not()
        if self.mask_check:
            # Padding must be at the end of each sequence.
            lengths = kept.sum(1, keepdim=True)
            if not bool((kept == (torch.arange(padding.size(1)) < lengths)).all()):
                return False
        return not (torch.is_grad_enabled() and (src.requires_grad or any(p.requires_grad for p in first.parameters())))

    def forward(self, src, mask=None, src_key_padding_mask=None):
        _check_padding(src_key_padding_mask)
        drops = self._drops_padding(src, mask, src_key_padding_mask)
        output = src
        for layer in self.layers:
            output = layer(output, src_mask=mask, src_key_padding_mask=src_key_padding_mask)
        if drops:
            _bridge.warn(
                "The PyTorch API of nested tensors is in prototype stage and will change in the near future. "
                "(Triggered internally at  ./aten/src/ATen/NestedTensorImpl.cpp:175.)"
            )
            longest = int(src_key_padding_mask.logical_not().sum(1).max())
            output = output.masked_fill(src_key_padding_mask.unsqueeze(-1), 0.0)[:, :longest]
        return output if self.norm is None else self.norm(output)


class TransformerDecoder(_Stack):
    """A stack of decoder layers."""

    def __init__(self, decoder_layer, num_layers, norm=None):
        super().__init__(decoder_layer, num_layers, norm)

    def forward(
        self,
        tgt,
        memory,
        tgt_mask=None,
        memory_mask=None,
        tgt_key_padding_mask=None,
        memory_key_padding_mask=None,
    ):
        output = tgt
        for layer in self.layers:
            output = layer(
                output,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
            )
        return output if self.norm is None else self.norm(output)


class Transformer(Module):
    """An encoder and a decoder."""

    def __init__(
        self,
        d_model=512,
        nhead=8,
        num_encoder_layers=6,
        num_decoder_layers=6,
        dim_feedforward=2048,
        dropout=0.1,
        activation=F.relu,
        custom_encoder=None,
        custom_decoder=None,
        layer_norm_eps=1e-5,
        batch_first=False,
        norm_first=False,
        device=None,
        dtype=None,
    ):
        super().__init__()
        settings = (dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, device, dtype)
        if custom_encoder is not None:
            self.encoder = custom_encoder
        else:
            layer = TransformerEncoderLayer(d_model, nhead, *settings)
            norm = LayerNorm(d_model, eps=layer_norm_eps, dtype=dtype)
            self.encoder = TransformerEncoder(layer, num_encoder_layers, norm)
        if custom_decoder is not None:
            self.decoder = custom_decoder
        else:
            layer = TransformerDecoderLayer(d_model, nhead, *settings)
            norm = LayerNorm(d_model, eps=layer_norm_eps, dtype=dtype)
            self.decoder = TransformerDecoder(layer, num_decoder_layers, norm)
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def forward(
        self,
        src,
        tgt,
        src_mask=None,
        tgt_mask=None,
        memory_mask=None,
        src_key_padding_mask=None,
        tgt_key_padding_mask=None,
        memory_key_padding_mask=None,
    ):
        batched = src.dim() == 3
        at = 0 if self.batch_first else 1
        if batched and src.size(at) != tgt.size(at):
            raise RuntimeError("the batch number of src and tgt must be equal")
        if src.size(-1) != self.d_model or tgt.size(-1) != self.d_model:
            raise RuntimeError("the feature number of src and tgt must be equal to d_model")
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask)
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz, device="cpu"):
        """Minus infinity above the diagonal: no position sees a later one."""
        return torch.triu(torch.full((sz, sz), -math.inf), diagonal=1)

    def _reset_parameters(self):
        for p in self.parameters():
            if p.dim() > 1:
                init.xavier_uniform_(p)
