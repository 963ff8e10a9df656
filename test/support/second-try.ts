/** Names each test that passed only when it was tried again, so that nothing hides behind the second try. */
import type { Reporter, TestCase } from "vitest/node";

export default class SecondTry implements Reporter {
  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky === true) {
      const errors = test.result().errors?.map(({ message }) => message) ?? [];
      console.log(`passed on its second try: ${test.fullName}\n  ${errors.join("\n  ")}`);
    }
  }
}
