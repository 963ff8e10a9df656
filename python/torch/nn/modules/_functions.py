"""What modules compute by an autograd.Function in PyTorch too."""
import torch
from torch.autograd.function import Function


class CrossMapLRN2d(Function):
    """Each element over a power of the sum of squares of the channels around it, which slides from channel to channel."""

    @staticmethod
    def forward(ctx, input, size, alpha=1e-4, beta=0.75, k=1):
        if input.dim() != 4:
            raise AssertionError
        ctx.size, ctx.alpha, ctx.beta = size, alpha, beta
        channels = input.size(1)
        square = input**2
        ahead = (size - 1) // 2 + 1
        total = torch.zeros_like(square[:, 0])
        for c in range(min(ahead, channels)):
            total = total + square[:, c]
        sums = [total]
        for c in range(1, channels):
            if c < channels - ahead + 1:
                total = total + square[:, c + ahead - 1]
            if c > ahead:
                total = total - square[:, c - ahead]
            sums.append(total)
        ctx.scale = torch.stack(sums, 1) * (alpha / size) + k
        output = ctx.scale.pow(-beta) * input
        ctx.save_for_backward(input, output)
        return output

    @staticmethod
    def backward(ctx, grad_output):
        input, output = ctx.saved_tensors
        size, channels = ctx.size, input.size(1)
        behind = int(size - (size - 1) / 2)
        step = 2 * ctx.alpha * ctx.beta / size
        images = []
        for image, result, scale, gradient in zip(input, output, ctx.scale, grad_output):
            ratio = torch.zeros(channels + size - 1, *image.shape[1:], dtype=image.dtype)
            ratio.narrow(0, behind, channels).copy_(gradient * result / scale)
            total = ratio[: size - 1].sum(0)
            rows = []
            for c in range(channels):
                total = total + ratio[c + size - 1]
                rows.append(torch.addcmul(scale[c].pow(-ctx.beta) * gradient[c], image[c], total, value=-step))
                total = total - ratio[c]
            images.append(torch.stack(rows))
        return torch.stack(images), None, None, None, None
