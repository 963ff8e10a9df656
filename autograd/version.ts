/** The PyTorch whose names, messages and printing the embedded engine follows: the reference that the tests compare with. */
import VERSION from "./version.json" with { type: "json" };

export const TORCH_VERSION = VERSION.torch;
