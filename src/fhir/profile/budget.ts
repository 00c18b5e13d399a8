/**
 * What holding resources against profiles may cost in one request: its resources share a budget, be they the entries of a transaction or of a batch.
 * The budget is known to whatever the work leads to (of a batch: writes, `$validate`, the writes of `$meta-add`), so that no way of asking is outside of it.
 * R4: https://hl7.org/fhir/R4/http.html#transaction
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Milliseconds that are left. */
interface Budget {
  ms: number;
}

/** In milliseconds: so much, and so much for each of the resources. */
const requestMs = { whole: 2_000, each: 2 };

const shared = new AsyncLocalStorage<Budget>();

/** Does work that checks so many resources under one budget: that of the work around it, where there is one. */
export const asOne = <T>(resources: number, work: () => T): T =>
  shared.getStore() === undefined ? shared.run({ ms: requestMs.whole + requestMs.each * resources }, work) : work();

/** What is left of the budget that this work shares; Infinity where it shares none. */
export const budget = (): Budget => shared.getStore() ?? { ms: Number.POSITIVE_INFINITY };
