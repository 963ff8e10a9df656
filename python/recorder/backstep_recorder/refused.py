"""What is said where nothing can be traced."""


class Refused(Exception):
    """There is nothing to trace: a code (see extension/debugging/answer.ts) and what belongs to it."""

    def __init__(self, code, **details):
        super().__init__(code)
        self.answer = {"kind": "refused", "code": code, "details": {k: str(v)[:300] for k, v in details.items()}}
