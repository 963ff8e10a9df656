"""no_grad, enable_grad, set_grad_enabled: context managers that are decorators too."""
import functools
import inspect
import sys

from .. import _bridge


# Whether inference_mode is on.
inference_state = [False]


def is_inference_mode_enabled():
    """Whether `inference_mode` is on."""
    return inference_state[0]


def is_grad_enabled():
    """Whether operations are recorded for backward."""
    return _bridge.isGradMode() == 1


class _Mode:
    """A context manager that can be put on a function: each call of it runs inside a fresh one."""

    def __call__(self, function):
        if inspect.isgeneratorfunction(function):
            return self._around_generator(function)

        @functools.wraps(function)
        def decorate_context(*args, **kwargs):
            with self.clone():
                return function(*args, **kwargs)

        return decorate_context

    def _around_generator(self, function):
        """The mode holds while the generator runs, not while it is suspended."""

        @functools.wraps(function)
        def generator_context(*args, **kwargs):
            generator = function(*args, **kwargs)
            try:
                with self.clone():
                    response = generator.send(None)
                while True:
                    try:
                        request = yield response
                    except GeneratorExit:
                        with self.clone():
                            generator.close()
                        raise
                    except BaseException:
                        with self.clone():
                            response = generator.throw(sys.exc_info()[1])
                    else:
                        with self.clone():
                            response = generator.send(request)
            except StopIteration as end:
                return end.value

        return generator_context

    def __exit__(self, exc_type, exc_value, traceback):
        _bridge.gradMode(self.prev)

    def clone(self):
        return self.__class__()


class no_grad(_Mode):
    """Operations inside are not recorded: results do not require grad."""

    def __init__(self):
        self.prev = False

    def __enter__(self):
        self.prev = is_grad_enabled()
        _bridge.gradMode(False)


class enable_grad(_Mode):
    """Operations inside are recorded, also within `no_grad`."""

    def __init__(self):
        self.prev = False

    def __enter__(self):
        self.prev = is_grad_enabled()
        _bridge.gradMode(True)


class inference_mode(_Mode):
    """As `no_grad`; the tensors made inside never take part in recording."""

    def __init__(self, mode=True):
        self.mode = bool(mode)
        self.prev = False

    def __enter__(self):
        self.prev = (is_grad_enabled(), inference_state[0])
        inference_state[0] = self.mode
        _bridge.inference(self.mode)
        _bridge.gradMode(not self.mode)

    def __exit__(self, exc_type, exc_value, traceback):
        enabled, inference_state[0] = self.prev
        _bridge.inference(inference_state[0])
        _bridge.gradMode(enabled)

    def clone(self):
        return self.__class__(self.mode)


class set_grad_enabled(_Mode):
    """Switches recording on or off at once; as a context manager, until its end."""

    def __init__(self, mode):
        self.prev = is_grad_enabled()
        if not isinstance(mode, bool):
            raise TypeError(
                f"enabled must be a bool (got {type(mode).__name__})"
            )
        _bridge.gradMode(mode)
        self.mode = mode

    def __enter__(self):
        pass

    def clone(self):
        return self.__class__(self.mode)


for _cls in (no_grad, enable_grad, inference_mode, set_grad_enabled):
    _cls.__module__ = "torch.autograd.grad_mode"
