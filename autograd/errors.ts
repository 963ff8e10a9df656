/** Errors as Python will see them: the exception's type and PyTorch's own message. */

export type PythonError =
  | "RuntimeError"
  | "TypeError"
  | "ValueError"
  | "IndexError"
  | "NotImplementedError"
  | "MemoryError"
  | "_LinAlgError";

export class TorchError extends Error {
  constructor(
    readonly type: PythonError,
    message: string,
  ) {
    super(message);
  }
}

/** Throws a RuntimeError, PyTorch's most common kind, unless another type is given. */
export function fail(message: string, type: PythonError = "RuntimeError"): never {
  throw new TorchError(type, message);
}
