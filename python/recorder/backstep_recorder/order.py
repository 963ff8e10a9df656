"""The order in which PyTorch's engine takes nodes, for those that it passes over without telling hooks."""


class ReadyQueue:
    """A heap that breaks ties as C++'s std::priority_queue does in libstdc++; the highest sequence number first."""

    def __init__(self):
        self.items = []

    def push(self, sequence, node):
        self.items.append((sequence, node))
        self._up(len(self.items) - 1, (sequence, node))

    def pop(self):
        items = self.items
        top, last = items[0], items.pop()
        n = len(items)
        if n == 0:
            return top[1]
        # The hole goes to the bottom first, then the last item rises into it.
        hole = child = 0
        while child < (n - 1) >> 1:
            child = 2 * (child + 1)
            if items[child][0] < items[child - 1][0]:
                child -= 1
            items[hole] = items[child]
            hole = child
        if n & 1 == 0 and child == (n - 2) >> 1:
            child = 2 * (child + 1)
            items[hole] = items[child - 1]
            hole = child - 1
        self._up(hole, last)
        return top[1]

    def _up(self, hole, item):
        items = self.items
        while hole > 0:
            parent = (hole - 1) >> 1
            if not items[parent][0] < item[0]:
                break
            items[hole] = items[parent]
            hole = parent
        items[hole] = item


def expected(roots, wanted):
    """The nodes in the order in which a pass from `roots` takes them; `wanted(node)` says which take part at all."""
    waiting, seen, stack = {}, set(roots), list(dict.fromkeys(roots))
    while stack:
        for following, _ in stack.pop().edges:
            if following is not None:
                waiting[following] = waiting.get(following, 0) + 1
                if following not in seen:
                    seen.add(following)
                    stack.append(following)
    queue, order = ReadyQueue(), []
    for root in dict.fromkeys(roots):
        if waiting.get(root, 0) == 0:
            queue.push(root.sequence, root)
    while queue.items:
        node = queue.pop()
        order.append(node)
        for following, _ in node.edges:
            if following is not None and wanted(following):
                waiting[following] -= 1
                if waiting[following] == 0:
                    queue.push(following.sequence, following)
    return order
