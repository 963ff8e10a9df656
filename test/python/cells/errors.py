# %% backward of a vector
x = torch.tensor([1., 2.], requires_grad=True)
(x * 2).backward()

# %% backward of something that needs no gradient
torch.tensor([1., 2.]).sum().backward()

# %% backward twice
x = torch.tensor([1., 2.], requires_grad=True)
y = (x ** 2).sum()
y.backward()
y.backward()

# %% shapes that do not broadcast
torch.ones(2, 3) + torch.ones(4)

# %% shapes that do not multiply
torch.ones(2, 3) @ torch.ones(2, 3)

# %% requires_grad of integers
torch.tensor([1, 2], requires_grad=True)

# %% requires_grad_ of integers
torch.tensor([1, 2]).requires_grad_()

# %% in-place change of a leaf
x = torch.tensor([1., 2.], requires_grad=True)
x += 1

# %% in-place change of a saved tensor
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 2
z = y ** 2
y += 1
z.sum().backward()

# %% index out of range
torch.ones(3)[5]

# %% too many indices
torch.ones(3)[0, 0]

# %% index by a string
torch.ones(3)["a"]

# %% ragged lists
torch.tensor([[1, 2], [3]])

# %% ragged lists the other way
torch.tensor([1, [2]])

# %% a string as data
torch.tensor("a")

# %% None as data
torch.tensor([None])

# %% item of a vector
torch.ones(2).item()

# %% truth of a vector
bool(torch.ones(2))

# %% len of a number
len(torch.tensor(1))

# %% iteration over a number
for i in torch.tensor(1): pass

# %% wrong type of one argument
torch.exp("a")

# %% wrong type of the second argument
torch.mul(torch.ones(2), "a")

# %% wrong type in a method
torch.ones(2).mul("a")

# %% missing argument
torch.ones(2).mul()

# %% missing arguments
torch.mul()

# %% too many arguments
torch.ones(2).unsqueeze(1, 2)

# %% argument to a method without any
torch.ones(2).exp(3)

# %% unexpected keyword
torch.ones(2).sum(foo=1)

# %% unexpected keyword of a single signature
torch.relu(torch.ones(2), inplace=True)

# %% overloads that do not fit
torch.pow(torch.ones(2), "a")

# %% transpose with one dimension
torch.ones(2, 2).transpose(0)

# %% a list with a string in view
torch.ones(2).view([1, "a"])

# %% operator with a string
torch.ones(2) + "a"

# %% operator with a list
torch.ones(2) * [1, 2]

# %% order with None
torch.ones(2) < None

# %% reshape that does not fit
torch.ones(6).view(4, 2)

# %% dimension out of range
torch.ones(2, 3).sum(2)

# %% size out of range
torch.ones(2).size(3)

# %% stack of different sizes
torch.stack([torch.ones(2), torch.ones(3)])

# %% cat of nothing
torch.cat([])

# %% stack of a tensor
torch.stack(torch.ones(2))

# %% cat with a number
torch.cat([torch.ones(2), 1])

# %% clamp without borders
torch.ones(2).clamp()

# %% negative size
torch.zeros(-1)

# %% zeros of a string
torch.zeros("a")

# %% full without a value
torch.full((2,))

# %% wrong dtype argument
torch.zeros(2, dtype="float")

# %% cuda
torch.zeros(2, device="cuda")

# %% an unknown device
torch.device("foo")

# %% an attribute that nobody has
torch.ones(2).foo

# %% gradient of another shape
x = torch.ones(2, requires_grad=True)
(x * 2).backward(torch.ones(3))

# %% mean of integers
torch.tensor([1, 2]).mean()

# %% numpy of a tensor that needs grad
torch.ones(2, requires_grad=True).numpy()

# %% grad of a wrong type
x = torch.ones(2, requires_grad=True)
x.grad = 3

# %% grad of a wrong shape
x = torch.ones(2, requires_grad=True)
x.grad = torch.ones(3)

# %% requires_grad of a non-leaf
y = torch.ones(2, requires_grad=True) * 2
y.requires_grad = False

# %% set_default_dtype of integers
torch.set_default_dtype(torch.int64)

# %% negation of a bool
-(torch.ones(2) > 0)

# %% backward with a wrong gradient
torch.ones(2, requires_grad=True).backward([1, 2])

# %% negative step
torch.ones(4)[::-1]

# %% a dimension of an empty tensor that is out of range
torch.ones(2, 0).logcumsumexp(2)

# %% the dimension that is empty, as it was given
torch.ones(2, 0).amax((0, -1))
