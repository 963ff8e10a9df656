"""torch.nn.functional's attention."""
import math
import warnings

import torch

from ._images import pad
from ._layers import dropout, linear

__all__ = ["multi_head_attention_forward", "_scaled_dot_product_attention", "scaled_dot_product_attention"]


def _scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, need_attn_weights=False, is_causal=False
):
    """(softmax(query keyᵀ / √d) value, the weights if asked for); True in a bool mask takes part."""
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError(
                "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True"
            )
        attn_mask = torch.ones(query.size(-2), key.size(-2), dtype=torch.bool).tril()
    if attn_mask is not None and attn_mask.dtype is torch.bool:
        attn_mask = torch.zeros_like(attn_mask, dtype=query.dtype).masked_fill_(attn_mask.logical_not(), -math.inf)
    # Half of the scale on each side, as PyTorch.
    scale = math.sqrt(math.sqrt(query.size(-1)))
    query = query / scale
    scores = query.matmul(key.transpose(-2, -1) / scale)
    if attn_mask is not None:
        scores = scores.add(attn_mask)
    weights = scores.softmax(-1)
    if dropout_p > 0.0:
        weights = dropout(weights, dropout_p)
    out = weights.matmul(value)
    return (out, weights) if need_attn_weights else (out, torch.empty(0))


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False):
    """softmax(query keyᵀ / √d) value, under the name that PyTorch 2 gives it."""
    return _scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, False, is_causal)[0]


def _check_shapes(query, key, value, key_padding_mask, attn_mask, num_heads):
    """Whether there is a batch; PyTorch's assertions."""
    if query.dim() not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {query.dim()}-D query tensor"
        )
    batched = query.dim() == 3
    n = query.dim()
    kind = f"For {'batched' if batched else 'unbatched'} ({n}-D) `query`, expected "
    if key.dim() != n or value.dim() != n:
        raise AssertionError(
            f"{kind}`key` and `value` to be {n}-D"
            f" but found {key.dim()}-D and {value.dim()}-D tensors respectively"
        )
    if key_padding_mask is not None and key_padding_mask.dim() != n - 1:
        raise AssertionError(
            f"{kind}`key_padding_mask` to be `None` or {n - 1}-D"
            f" but found {key_padding_mask.dim()}-D tensor instead"
        )
    if attn_mask is not None:
        if attn_mask.dim() not in (2, 3):
            raise AssertionError(
                f"{kind}`attn_mask` to be `None`, 2-D or 3-D but found {attn_mask.dim()}-D tensor instead"
            )
        if not batched and attn_mask.dim() == 3:
            expected = (num_heads, query.shape[0], key.shape[0])
            if attn_mask.shape != expected:
                raise AssertionError(f"Expected `attn_mask` shape to be {expected} but got {attn_mask.shape}")
    return batched


def _projected(query, key, value, weight, bias):
    """The three projections by parts of one weight [3 E, E]; in as few products as the inputs allow."""
    size = query.size(-1)
    if key is value:
        if query is key:
            return linear(query, weight, bias).chunk(3, -1)
        first, rest = weight.split([size, size * 2])
        first_bias, rest_bias = (None, None) if bias is None else bias.split([size, size * 2])
        return (linear(query, first, first_bias), *linear(key, rest, rest_bias).chunk(2, -1))
    weights = weight.chunk(3)
    biases = (None, None, None) if bias is None else bias.chunk(3)
    return tuple(linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases))


def _projected_apart(query, key, value, weights, biases):
    """The three projections by weights of their own."""
    size = query.size(-1)
    for name, w, x in zip("qkv", weights, (query, key, value)):
        word = {"q": "query", "k": "key", "v": "value"}[name]
        if w.shape != (size, x.size(-1)):
            raise AssertionError(
                f"expecting {word} weights shape of {(size, x.size(-1))}, but got {w.shape}"
            )
    for name, b in zip(("query", "key", "value"), biases):
        if b is not None and b.shape != (size,):
            raise AssertionError(f"expecting {name} bias shape of {(size,)}, but got {b.shape}")
    return tuple(linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases))


def _checked_mask(mask, length, source, batch, heads):
    """An attention mask in three dimensions."""
    if mask.dtype is torch.uint8:
        warnings.warn(
            "Byte tensor for attn_mask in nn.MultiheadAttention is deprecated. Use bool tensor instead."
        )
        mask = mask.to(torch.bool)
    elif not (mask.is_floating_point() or mask.dtype is torch.bool):
        raise AssertionError(f"Only float, byte, and bool types are supported for attn_mask, not {mask.dtype}")
    if mask.dim() == 2:
        if mask.shape != (length, source):
            raise RuntimeError(
                f"The shape of the 2D attn_mask is {mask.shape}, but should be {(length, source)}."
            )
        return mask.unsqueeze(0)
    if mask.dim() == 3:
        if mask.shape != (batch * heads, length, source):
            raise RuntimeError(
                f"The shape of the 3D attn_mask is {mask.shape}, but should be {(batch * heads, length, source)}."
            )
        return mask
    raise RuntimeError(f"attn_mask's dimension {mask.dim()} is not supported")


def _check_static(name, static, rows, head):
    if static.size(0) != rows:
        raise AssertionError(f"expecting {name}.size(0) of {rows}, but got {static.size(0)}")
    if static.size(2) != head:
        raise AssertionError(f"expecting {name}.size(2) of {head}, but got {static.size(2)}")
    return static


def _merged(mask, padding, batch, heads, source):
    """The attention mask with the keys' padding masked too."""
    if padding.shape != (batch, source):
        raise AssertionError(f"expecting key_padding_mask shape of {(batch, source)}, but got {padding.shape}")
    padding = padding.view(batch, 1, 1, source).expand(-1, heads, -1, -1).reshape(batch * heads, 1, source)
    if mask is None:
        return padding
    if mask.dtype is torch.bool:
        return mask.logical_or(padding)
    return mask.masked_fill(padding, -math.inf)


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
    batched = _check_shapes(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    length, batch, size = query.shape
    source = key.shape[0]
    if key_padding_mask is not None:
        if key_padding_mask.dtype is not torch.bool and not key_padding_mask.is_floating_point():
            raise AssertionError("only bool and floating types of key_padding_mask are supported")
    if size != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {size}")
    head = size // num_heads
    if head * num_heads != size:
        raise AssertionError(f"embed_dim {size} not divisible by num_heads {num_heads}")
    if use_separate_proj_weight:
        if key.shape[:2] != value.shape[:2]:
            raise AssertionError(
                f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}"
            )
        biases = (None, None, None) if in_proj_bias is None else in_proj_bias.chunk(3)
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
        q, k, v = _projected_apart(query, key, value, weights, biases)
    else:
        if key.shape != value.shape:
            raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
        q, k, v = _projected(query, key, value, in_proj_weight, in_proj_bias)
    if attn_mask is not None:
        attn_mask = _checked_mask(attn_mask, length, source, batch, num_heads)
    if bias_k is not None and bias_v is not None:
        if static_k is not None:
            raise AssertionError("bias cannot be added to static key.")
        if static_v is not None:
            raise AssertionError("bias cannot be added to static value.")
        k = torch.cat([k, bias_k.repeat(1, batch, 1)])
        v = torch.cat([v, bias_v.repeat(1, batch, 1)])
        attn_mask = None if attn_mask is None else pad(attn_mask, (0, 1))
        key_padding_mask = None if key_padding_mask is None else pad(key_padding_mask, (0, 1))
    rows = batch * num_heads
    q = q.contiguous().view(length, rows, head).transpose(0, 1)
    if static_k is None:
        k = k.contiguous().view(k.shape[0], rows, head).transpose(0, 1)
    else:
        k = _check_static("static_k", static_k, rows, head)
    if static_v is None:
        v = v.contiguous().view(v.shape[0], rows, head).transpose(0, 1)
    else:
        v = _check_static("static_v", static_v, rows, head)
    if add_zero_attn:
        zeros = (rows, 1, head)
        k = torch.cat([k, torch.zeros(zeros, dtype=k.dtype)], dim=1)
        v = torch.cat([v, torch.zeros(zeros, dtype=v.dtype)], dim=1)
        attn_mask = None if attn_mask is None else pad(attn_mask, (0, 1))
        key_padding_mask = None if key_padding_mask is None else pad(key_padding_mask, (0, 1))
    source = k.size(1)
    if key_padding_mask is not None:
        attn_mask = _merged(attn_mask, key_padding_mask, batch, num_heads, source)
    if attn_mask is not None and attn_mask.dtype is torch.bool:
        attn_mask = torch.zeros_like(attn_mask, dtype=q.dtype).masked_fill_(attn_mask, -math.inf)
    scaled = q / math.sqrt(head)
    turned = k.transpose(-2, -1)
    scores = scaled.bmm(turned) if attn_mask is None else torch.baddbmm(attn_mask, scaled, turned)
    weights = scores.softmax(-1)
    if training and dropout_p > 0.0:
        weights = dropout(weights, dropout_p)
    out = weights.bmm(v).transpose(0, 1).contiguous().view(length * batch, size)
    out = linear(out, out_proj_weight, out_proj_bias)
    out = out.view(length, batch, out.size(1))
    if not need_weights:
        return (out if batched else out.squeeze(1)), None
    weights = weights.view(batch, num_heads, length, source)
    if average_attn_weights:
        weights = weights.sum(1) / num_heads
    return (out, weights) if batched else (out.squeeze(1), weights.squeeze(0))
