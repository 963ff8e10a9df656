/** Wheels of the tests' own, for runs that import other packages. */
import { execFileSync } from "node:child_process";

/** A wheel as pip takes it: a zip of modules, stored. */
export function wheelOf(files: Readonly<Record<string, string>>): Buffer {
  const program =
    "import io, json, sys, zipfile\nout = io.BytesIO()\nwith zipfile.ZipFile(out, 'w') as z:\n  for n, t in json.load(sys.stdin).items(): z.writestr(n, t)\nsys.stdout.buffer.write(out.getvalue())";
  return execFileSync("python3", ["-c", program], { input: JSON.stringify(files) });
}
