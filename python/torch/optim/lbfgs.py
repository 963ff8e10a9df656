"""LBFGS: a quasi-Newton method that remembers the last steps, with an optional line search."""
import torch

from .optimizer import Optimizer


class LBFGS(Optimizer):
    """Calls `closure` several times in a step; all parameters are in one group."""

    def __init__(
        self,
        params,
        lr=1,
        max_iter=20,
        max_eval=None,
        tolerance_grad=1e-7,
        tolerance_change=1e-9,
        history_size=100,
        line_search_fn=None,
    ):
        if max_eval is None:
            max_eval = max_iter * 5 // 4
        super().__init__(
            params,
            dict(
                lr=lr,
                max_iter=max_iter,
                max_eval=max_eval,
                tolerance_grad=tolerance_grad,
                tolerance_change=tolerance_change,
                history_size=history_size,
                line_search_fn=line_search_fn,
            ),
        )
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def _gradient(self):
        """Every gradient as one vector."""
        return torch.cat(
            [(p.new_zeros(p.numel()) if p.grad is None else p.grad.reshape(-1)) for p in self._params], 0
        )

    def _move(self, size, direction):
        """Every parameter along `direction`."""
        at = 0
        for p in self._params:
            p.add_(direction[at : at + p.numel()].view_as(p), alpha=size)
            at += p.numel()

    def _copies(self):
        return [p.clone() for p in self._params]

    def _set(self, copies):
        for p, copy in zip(self._params, copies):
            p.copy_(copy)

    def _value_along(self, closure, origin, size, direction):
        """The loss and its gradient at a point of the line; the parameters stay where they were."""
        self._move(size, direction)
        loss = float(closure())
        gradient = self._gradient()
        self._set(origin)
        return loss, gradient

    @torch.no_grad()
    def step(self, closure):
        """Minimize for up to `max_iter` iterations; the loss before the first."""
        closure = torch.enable_grad()(closure)
        group = self.param_groups[0]
        lr = group["lr"]
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        first_loss = closure()
        loss = float(first_loss)
        evaluations = 1
        state["func_evals"] += 1
        gradient = self._gradient()
        if gradient.abs().max() <= group["tolerance_grad"]:
            return first_loss

        d, t = state.get("d"), state.get("t")
        old_dirs, old_stps, ro = state.get("old_dirs"), state.get("old_stps"), state.get("ro")
        h_diag, previous = state.get("H_diag"), state.get("prev_flat_grad")
        previous_loss = state.get("prev_loss")

        iterations = 0
        while iterations < group["max_iter"]:
            iterations += 1
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                d = gradient.neg()
                old_dirs, old_stps, ro = [], [], []
                h_diag = 1
            else:
                change = gradient.sub(previous)
                moved = d.mul(t)
                curvature = change.dot(moved)
                if curvature > 1e-10:
                    if len(old_dirs) == group["history_size"]:
                        for memory in (old_dirs, old_stps, ro):
                            memory.pop(0)
                    old_dirs.append(change)
                    old_stps.append(moved)
                    ro.append(1.0 / curvature)
                    h_diag = curvature / change.dot(change)
                d = _two_loops(gradient, old_dirs, old_stps, ro, h_diag, state, group["history_size"])
            if previous is None:
                previous = gradient.clone()
            else:
                previous.copy_(gradient)
            previous_loss = loss

            t = min(1.0, 1.0 / gradient.abs().sum()) * lr if state["n_iter"] == 1 else lr
            slope = gradient.dot(d)
            if slope > -group["tolerance_change"]:
                break

            used = 0
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                origin = self._copies()
                loss, gradient, t, used = _strong_wolfe(
                    lambda size: self._value_along(closure, origin, size, d), t, d, loss, gradient, slope
                )
                self._move(t, d)
                done = gradient.abs().max() <= group["tolerance_grad"]
            else:
                self._move(t, d)
                done = False
                if iterations != group["max_iter"]:
                    with torch.enable_grad():
                        loss = float(closure())
                    gradient = self._gradient()
                    done = gradient.abs().max() <= group["tolerance_grad"]
                    used = 1
            evaluations += used
            state["func_evals"] += used

            if iterations == group["max_iter"] or evaluations >= group["max_eval"] or done:
                break
            if d.mul(t).abs().max() <= group["tolerance_change"]:
                break
            if abs(loss - previous_loss) < group["tolerance_change"]:
                break

        state.update(
            d=d,
            t=t,
            old_dirs=old_dirs,
            old_stps=old_stps,
            ro=ro,
            H_diag=h_diag,
            prev_flat_grad=previous,
            prev_loss=previous_loss,
        )
        return first_loss


def _two_loops(gradient, old_dirs, old_stps, ro, h_diag, state, history_size):
    """The remembered steps' estimate of the inverse Hessian, times minus the gradient."""
    count = len(old_dirs)
    al = state.setdefault("al", [None] * history_size)
    q = gradient.neg()
    for i in range(count - 1, -1, -1):
        al[i] = old_stps[i].dot(q) * ro[i]
        q.add_(old_dirs[i], alpha=-al[i])
    d = torch.mul(q, h_diag)
    for i in range(count):
        beta = old_dirs[i].dot(d) * ro[i]
        d.add_(old_stps[i], alpha=al[i] - beta)
    return d


def _cubic(x1, f1, g1, x2, f2, g2, bounds=None):
    """Where the cubic through two points with these values and slopes is least, within bounds."""
    low, high = bounds if bounds is not None else ((x1, x2) if x1 <= x2 else (x2, x1))
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    square = d1**2 - g1 * g2
    if square < 0:
        return (low + high) / 2.0
    d2 = square.sqrt()
    if x1 <= x2:
        least = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
    else:
        least = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
    return min(max(least, low), high)


def _strong_wolfe(value, t, d, f, g, slope, c1=1e-4, c2=0.9, tolerance_change=1e-9, max_ls=25):
    """A step size with sufficient decrease and a flat enough slope: (loss, gradient, size, evaluations)."""
    widest = d.abs().max()
    g = g.clone()
    f_new, g_new = value(t)
    evaluations = 1
    slope_new = g_new.dot(d)

    # First a bracket that holds such a step.
    t_before, f_before, g_before, slope_before = 0, f, g, slope
    done = False
    iteration = 0
    while iteration < max_ls:
        if f_new > f + c1 * t * slope or (iteration > 1 and f_new >= f_before):
            bracket = [t_before, t]
            bracket_f = [f_before, f_new]
            bracket_g = [g_before, g_new.clone()]
            bracket_slope = [slope_before, slope_new]
            break
        if abs(slope_new) <= -c2 * slope:
            bracket, bracket_f, bracket_g = [t], [f_new], [g_new]
            done = True
            break
        if slope_new >= 0:
            bracket = [t_before, t]
            bracket_f = [f_before, f_new]
            bracket_g = [g_before, g_new.clone()]
            bracket_slope = [slope_before, slope_new]
            break
        smallest = t + 0.01 * (t - t_before)
        largest = t * 10
        last = t
        t = _cubic(t_before, f_before, slope_before, t, f_new, slope_new, bounds=(smallest, largest))
        t_before, f_before, g_before, slope_before = last, f_new, g_new.clone(), slope_new
        f_new, g_new = value(t)
        evaluations += 1
        slope_new = g_new.dot(d)
        iteration += 1
    if iteration == max_ls:
        bracket, bracket_f, bracket_g = [0, t], [f, f_new], [g, g_new]

    # Then the bracket is made smaller.
    stuck = False
    low, high = (0, 1) if bracket_f[0] <= bracket_f[-1] else (1, 0)
    while not done and iteration < max_ls:
        if abs(bracket[1] - bracket[0]) * widest < tolerance_change:
            break
        t = _cubic(
            bracket[0], bracket_f[0], bracket_slope[0], bracket[1], bracket_f[1], bracket_slope[1]
        )
        margin = 0.1 * (max(bracket) - min(bracket))
        if min(max(bracket) - t, t - min(bracket)) < margin:
            if stuck or t >= max(bracket) or t <= min(bracket):
                t = max(bracket) - margin if abs(t - max(bracket)) < abs(t - min(bracket)) else min(bracket) + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        f_new, g_new = value(t)
        evaluations += 1
        slope_new = g_new.dot(d)
        iteration += 1
        if f_new > f + c1 * t * slope or f_new >= bracket_f[low]:
            bracket[high], bracket_f[high] = t, f_new
            bracket_g[high], bracket_slope[high] = g_new.clone(), slope_new
            low, high = (0, 1) if bracket_f[0] <= bracket_f[1] else (1, 0)
        else:
            if abs(slope_new) <= -c2 * slope:
                done = True
            elif slope_new * (bracket[high] - bracket[low]) >= 0:
                bracket[high], bracket_f[high] = bracket[low], bracket_f[low]
                bracket_g[high], bracket_slope[high] = bracket_g[low], bracket_slope[low]
            bracket[low], bracket_f[low] = t, f_new
            bracket_g[low], bracket_slope[low] = g_new.clone(), slope_new
    return bracket_f[low], bracket_g[low], bracket[low], evaluations


