# Programs about the backward pass itself: each cell is run by PyTorch and by the embedded engine, and must print the same.

# %% the graph is freed by the first pass
x = torch.tensor([1., 2.], requires_grad=True)
y = (x * x).sum()
y.backward()
y.backward()

# %% a graph that kept no tensors can be run again
x = torch.tensor([1., 2.], requires_grad=True)
y = x[0] + x.sum()
y.backward()
y.backward()
print(x.grad)

# %% retain_graph lets a graph run again, and the gradients add up
x = torch.tensor([1., 2.], requires_grad=True)
y = (x ** 3).sum()
y.backward(retain_graph=True)
first = x.grad
y.backward()
print(x.grad, x.grad is first, first._version)

# %% a saved tensor cannot be asked for once it is freed
x = torch.tensor([1., 2.], requires_grad=True)
y = x * x
node = y.grad_fn
print(node._saved_self is x, node._saved_other)
y.sum().backward()
print(node._saved_self)

# %% only a scalar starts a pass by itself
x = torch.tensor([1., 2.], requires_grad=True)
(x * 2).backward()

# %% an upstream gradient of another shape
x = torch.tensor([1., 2.], requires_grad=True)
(x * 2).backward(torch.ones(3))

# %% an upstream gradient of another dtype is converted
x = torch.tensor([1., 2.], requires_grad=True)
(x * 2).backward(torch.tensor([1., 10.], dtype=torch.float64))
print(x.grad)

# %% nothing to differentiate
torch.ones(1).backward()

# %% a leaf can be its own root
x = torch.tensor(2., requires_grad=True)
x.backward()
x.backward(torch.tensor(4.))
print(x.grad)

# %% the same leaf several times
x = torch.tensor(2., requires_grad=True)
(x * x * x + x).backward()
print(x.grad)

# %% several roots at once
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 3
z = y.sum()
torch.autograd.backward([z, y], [None, torch.tensor([1., 10.])])
print(x.grad)

# %% gradients of chosen inputs only
x = torch.tensor(2., requires_grad=True)
w = torch.tensor(3., requires_grad=True)
y = x * w
z = y * x
z.backward(inputs=[w, y])
print(x.grad, w.grad, y.grad)

# %% grad gives gradients and leaves .grad alone
x = torch.tensor(2., requires_grad=True)
w = torch.tensor(3., requires_grad=True)
print(torch.autograd.grad(x * x * w, (x, w)), x.grad, w.grad)

# %% an unused input is an error
x = torch.tensor(2., requires_grad=True)
w = torch.tensor(3., requires_grad=True)
torch.autograd.grad(x * x, (x, w))

# %% an unused input may be allowed
x = torch.tensor(2., requires_grad=True)
w = torch.tensor(3., requires_grad=True)
print(torch.autograd.grad(x * x, (x, w), allow_unused=True))

# %% an input that requires no gradient
x = torch.tensor(2., requires_grad=True)
torch.autograd.grad(x * x, torch.tensor(1.))

# %% derivatives of derivatives
x = torch.tensor(2., requires_grad=True)
y = x ** 4
for _ in range(4):
    y, = torch.autograd.grad(y, x, create_graph=True)
    print(y)

# %% create_graph makes .grad a part of the graph
x = torch.tensor([1., 2.], requires_grad=True)
(x ** 3).sum().backward(create_graph=True)
print(x.grad)
first = x.grad
(x ** 3).sum().backward(create_graph=True)
print(x.grad, x.grad is first)
print([type(n).__name__ for n, _ in x.grad.grad_fn.next_functions])

# %% a gradient penalty
x = torch.tensor([1., 2.], requires_grad=True)
w = torch.tensor([0.5, -1.], requires_grad=True)
y = torch.tanh(x * w).sum()
g, = torch.autograd.grad(y, x, create_graph=True)
((g ** 2).sum() + y).backward()
print(w.grad)

# %% retain_grad keeps the gradient of what is not a leaf
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 2
y.retain_grad()
y.retain_grad()
(y * y).sum().backward()
print(y.grad, y.retains_grad, x.retains_grad, x.grad)

# %% retain_grad of a tensor that requires none
torch.ones(2).retain_grad()

# %% retain_grad follows a change in place
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 2
y.retain_grad()
y.mul_(3)
y.sum().backward()
print(y.grad, x.grad)

# %% no_grad records nothing
x = torch.tensor([1., 2.], requires_grad=True)
with torch.no_grad():
    y = x * 2
print(y, y.requires_grad, y.grad_fn)

# %% detach cuts the graph but shares the numbers
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 2
z = y.detach()
z[0] = 100.
print(y, z, z._version, y._version, z.is_leaf, z._is_view())

# %% .data shares the numbers but not the count of changes
x = torch.tensor([1., 2.], requires_grad=True)
y = (x * x).sum()
x.data.add_(10)
y.backward()
print(x, x._version, x.grad)

# %% a plain gradient descent
x = torch.tensor([3., -2.], requires_grad=True)
for _ in range(3):
    y = (x ** 2).sum()
    y.backward()
    with torch.no_grad():
        x -= 0.1 * x.grad
    x.grad = None
print(x, x._version)

# %% zeroing a gradient in place
x = torch.tensor([3., -2.], requires_grad=True)
(x * 2).sum().backward()
x.grad.zero_()
(x * 3).sum().backward()
print(x.grad)

# %% a leaf may not change in place
x = torch.tensor([1., 2.], requires_grad=True)
x.mul_(2)

# %% nor a view of it
x = torch.tensor([1., 2.], requires_grad=True)
x[0].mul_(2)

# %% nor an assignment to a part of it
x = torch.tensor([1., 2.], requires_grad=True)
x[0] = 5.

# %% a change of what a rule needs is found: an input
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 1
z = y * y
y.add_(1)
z.sum().backward()

# %% a change of what a rule needs is found: an output
x = torch.tensor([1., 2.], requires_grad=True)
y = x.exp()
y.add_(1)
y.sum().backward()

# %% a change of what a rule needs is found: a constant
x = torch.tensor([1., 2.], requires_grad=True)
w = torch.tensor([3., 4.])
z = x * w
w.add_(1)
z.sum().backward()

# %% a change of what a rule needs is found: through a view
x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
y = x.clone()
z = y.pow(2)
y[0] = 0
z.sum().backward()

# %% a change of what a rule needs is found: a leaf under no_grad
x = torch.tensor([1., 2.], requires_grad=True)
y = x * x
with torch.no_grad():
    x.add_(1)
y.sum().backward()

# %% a change of what a rule needs is found: an output of a view
x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
y = x * 1
z = y[0]
z.exp_()
y.mul_(2)
y.sum().backward()

# %% an assignment to a part is a CopySlices of the whole
x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
y = x * 1
z = y[0]
z.mul_(3)
print(y, z)
print([type(n).__name__ for n, _ in y.grad_fn.next_functions], y.grad_fn.name())
print(z.grad_fn._saved_size, z.grad_fn._saved_stride, z.grad_fn._saved_storage_offset)
print([type(n).__name__ for n, _ in z.grad_fn.next_functions])
(y.sum() + z.sum()).backward()
print(x.grad)

# %% a view follows its base
x = torch.tensor([1., 2.], requires_grad=True)
b = torch.zeros(3)
z = b[0]
b[1] = x[0]
print(z.requires_grad, z.is_leaf, b, z)
(b.sum() + z).backward()
print(x.grad)

# %% a view made without gradients may not change with them
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 1
with torch.no_grad():
    z = y[0]
print(z.requires_grad, z._is_view(), z.grad_fn)
z.mul_(2)

# %% nor may its base, if the view is used
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 1
with torch.no_grad():
    z = y[0]
y.mul_(2)
print(z.grad_fn)

# %% one of several views may not change in place
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 1
z, _ = y.unbind()
z.mul_(2)

# %% nor may the base of several views, if one is used
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 1
z, _ = y.unbind()
y.mul_(2)
print(z.grad_fn)

# %% a list that grows out of a tensor that changes
x = torch.tensor(1., requires_grad=True)
h = torch.zeros(3)
for i in range(3):
    h[i] = (h[i - 1] + x) * x
h.sum().backward()
print(h, x.grad)

# %% copy_ over a part, from another dtype and shape
x = torch.tensor([1., 2., 3.], requires_grad=True)
y = torch.zeros(2, 3)
y.copy_(x)
y[0].copy_(torch.tensor([7, 8, 9]))
print(y, [type(n).__name__ for n, _ in y.grad_fn.next_functions])
y.sum().backward()
print(x.grad)

# %% fill_ and zero_ stop the gradient
x = torch.tensor([1., 2., 3.], requires_grad=True)
y = x * 2
y[0].fill_(5.)
y[1:2].zero_()
y.sum().backward()
print(y, x.grad)

# %% masks and positions
x = torch.tensor([[1., -2., 3.], [-4., 5., -6.]], requires_grad=True)
y = x * 1
y[y < 0] = 0.
y[torch.tensor([0]), torch.tensor([2])] *= 10
print(y)
y.sum().backward()
print(x.grad)

# %% integers have no gradient
torch.tensor([1, 2]).requires_grad_()

# %% integers have no gradient: the attribute
x = torch.tensor([1, 2])
x.requires_grad = True

# %% only leaves can be told to require none
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 1
y.requires_grad_(False)

# %% a function without a derivative
x = torch.tensor([1., 2.], requires_grad=True)
y = (x // 2).sum()
print(y)
y.backward()

# %% the gradient of a broadcast operand is summed
x = torch.tensor([[1.], [2.]], requires_grad=True)
w = torch.tensor([1., 2., 3.], requires_grad=True)
(x * w + w).sum().backward()
print(x.grad, w.grad)

# %% a non-leaf's .grad is None, with a warning
import warnings
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 2
y.sum().backward()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(y.grad, len(caught))

# %% a deep graph
x = torch.tensor(1., requires_grad=True)
y = x
for _ in range(5000):
    y = y * 1.0001
y.backward()
print(x.grad)
