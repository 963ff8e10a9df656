"""What is left of passes that are not kept whole: the loss, and how large the gradient of each leaf was."""
from .tensors import element

# Summaries that are kept; where there are more, every second goes, and from then on every second is made.
SUMMARIES = 4096


class Summaries:
    def __init__(self):
        self.all = []
        self._every = 1

    def add(self, one, number):
        """The pass with that number in the run is about to go."""
        if number % self._every:
            return
        self.all.append(_summary(one, number))
        if len(self.all) > SUMMARIES:
            self._every *= 2
            self.all = [summary for summary in self.all if summary["pass"] % self._every == 0]

    def written(self, objects, names):
        """For the trace: `objects` by uid, and what gives the names of a uid."""
        return [
            {
                **summary,
                "leaves": [
                    {"object": objects.get(uid), "name": next(iter(names(uid)), None), "norm": norm}
                    for uid, norm in summary["leaves"]
                ],
            }
            for summary in self.all
        ]


def _summary(one, number):
    loss = None
    if len(one.roots) == 1:
        seen = one.roots[0][0]
        if seen is not None and seen.numbers.data is not None and len(seen.numbers.data) == 1:
            loss = element(seen.numbers.data[0])
    leaves = []
    for step in one.steps:
        variable = step.node.variable
        if variable is not None and step.upstream and step.upstream[0] is not None:
            norm = step.upstream[0].tensor().double().norm()
            leaves.append((variable.uid, element(float(norm))))
    return {"pass": number, "kind": one.kind, "loss": loss, "leaves": leaves}
