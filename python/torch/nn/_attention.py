"""torch.nn.functional's attention."""
import math

import torch

from ._layers import dropout, linear

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False):
    """softmax(query keyᵀ / √d) value; True in a bool mask takes part."""
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if is_causal:
        attn_mask = torch.ones(query.size(-2), key.size(-2), dtype=torch.bool).tril()
    if attn_mask is not None:
        if attn_mask.dtype is torch.bool:
            scores = scores.masked_fill(attn_mask.logical_not(), -math.inf)
        else:
            scores = scores + attn_mask
    return dropout(scores.softmax(-1), dropout_p) @ value if dropout_p else scores.softmax(-1) @ value


def _additive(mask):
    """A mask as numbers to add: minus infinity where a bool one is True."""
    if mask is None or mask.dtype is not torch.bool:
        return mask
    return torch.zeros(mask.shape).masked_fill(mask, -math.inf)


def _projected(query, key, value, weight, bias):
    """The three projections by parts of one weight [3 E, E]; in one product where the inputs are one tensor."""
    if query is key and key is value:
        return linear(query, weight, bias).chunk(3, -1)
    size = query.size(-1)
    weights = weight.split(size)
    biases = (None, None, None) if bias is None else bias.split(size)
    return tuple(linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases))


def multi_head_attention_forward(
    query,
    key,
    value,
    embed_dim_to_check,
    num_heads,
    in_proj_weight,
    in_proj_bias,
    bias_k,
    bias_v,
    add_zero_attn,
    dropout_p,
    out_proj_weight,
    out_proj_bias,
    training=True,
    key_padding_mask=None,
    need_weights=True,
    attn_mask=None,
    use_separate_proj_weight=False,
    q_proj_weight=None,
    k_proj_weight=None,
    v_proj_weight=None,
    static_k=None,
    static_v=None,
    average_attn_weights=True,
):
    """Attention in several heads; query [L, N, E] or [L, E], key and value [S, N, E] or [S, E]."""
    batched = query.dim() == 3
    if not batched:
        same = query is key and key is value
        query = query.unsqueeze(1)
        key, value = (query, query) if same else (key.unsqueeze(1), value.unsqueeze(1))
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    length, batch, size = query.shape
    source = key.size(0)
    if size != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {size}")
    head = size // num_heads
    if head * num_heads != size:
        raise AssertionError(f"embed_dim {size} not divisible by num_heads {num_heads}")
    for name, lacking in (("bias_k", bias_k), ("static_k", static_k)):
        if lacking is not None or add_zero_attn:
            raise NotImplementedError(
                f"attention with {name} or add_zero_attn is not in the embedded engine (yet); the PyTorch engine has it"
            )
    if use_separate_proj_weight:
        biases = (None, None, None) if in_proj_bias is None else in_proj_bias.chunk(3)
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
        q, k, v = (linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases))
    else:
        q, k, v = _projected(query, key, value, in_proj_weight, in_proj_bias)
    q = q.contiguous().view(length, batch * num_heads, head).transpose(0, 1)
    k, v = (t.contiguous().view(source, batch * num_heads, head).transpose(0, 1) for t in (k, v))
    mask = _additive(attn_mask)
    if mask is not None and mask.dim() == 2:
        mask = mask.unsqueeze(0)
    if key_padding_mask is not None:
        padding = _additive(key_padding_mask).view(batch, 1, 1, source).expand(-1, num_heads, -1, -1)
        padding = padding.reshape(batch * num_heads, 1, source)
        mask = padding if mask is None else mask + padding
    scores = (q / math.sqrt(head)).bmm(k.transpose(-2, -1))
    weights = (scores if mask is None else scores + mask).softmax(-1)
    if training and dropout_p > 0.0:
        weights = dropout(weights, dropout_p)
    out = weights.bmm(v).transpose(0, 1).contiguous().view(length * batch, size)
    out = linear(out, out_proj_weight, out_proj_bias).view(length, batch, size)
    if not need_weights:
        return (out if batched else out.squeeze(1)), None
    weights = weights.view(batch, num_heads, length, source)
    if average_attn_weights:
        weights = weights.sum(1) / num_heads
    return (out, weights) if batched else (out.squeeze(1), weights.squeeze(0))
