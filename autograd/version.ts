/** The PyTorch whose names, messages and printing the embedded engine follows: the reference that the tests compare with. */
export const TORCH_VERSION = "1.13.0";
