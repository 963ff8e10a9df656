/** The dtypes as Python reads them (`dtypes.json`), in the order of their codes. */
import { DTYPES, dtypeRow } from "./dtype.ts";

export function dtypesList(): string {
  return JSON.stringify(
    DTYPES.map((code) => {
      const { name, kind, size, aliases, scalarType, tensorType, cxx, max, min, digits } = dtypeRow(code);
      const limits = { max: String(max), min: String(min), digits: digits ?? null };
      return { code, name, kind, size, aliases, scalarType, tensorType, cxx: cxx[1], ...limits };
    }),
  );
}
