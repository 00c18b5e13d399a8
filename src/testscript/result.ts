/**
 * What became of a script: of each action, of each test, of the whole.
 * R4: https://hl7.org/fhir/R4/valueset-report-action-result-codes.html
 * @module
 */
export type Result = 'pass' | 'skip' | 'fail' | 'warning' | 'error';

export interface ActionResult {
  readonly kind: 'operation' | 'assert';
  readonly result: Result;
  readonly message?: string;
  /** Of an operation: its URL; of an assert: what the script says of it. */
  readonly detail?: string;
}

export interface TestResult {
  readonly name: string;
  readonly description?: string;
  readonly actions: readonly ActionResult[];
  readonly result: Result;
  /** Why it was skipped, or the first failure or error in it. */
  readonly reason?: string;
  readonly ms: number;
}

export interface ScriptResult {
  readonly name: string;
  readonly url?: string;
  readonly version?: string;
  readonly file: string;
  /** Why nothing of the script could be done as it should. */
  readonly fault?: string;
  /** With the creation of fixtures before. */
  readonly setup: readonly ActionResult[];
  readonly tests: readonly TestResult[];
  /** With the deletion of fixtures behind. */
  readonly teardown: readonly ActionResult[];
  /** FHIR instant of the start. */
  readonly issued: string;
  readonly ms: number;
}

/** The gravest of some actions; nothing but passes is a pass. */
export function worst(actions: readonly ActionResult[]): Result {
  const there = new Set(actions.map(a => a.result));
  return (['error', 'fail', 'warning', 'pass'] as const).find(r => there.has(r)) ?? (there.has('skip') ? 'skip' : 'pass');
}

const isBad = (result: Result): boolean => result === 'fail' || result === 'error';

/** Of setup and tests a failure counts, of the teardown an error alone: what cannot be deleted is no failure of what was tested. */
export const failed = ({ fault, setup, tests, teardown }: ScriptResult): boolean =>
  fault !== undefined || isBad(worst(setup)) || tests.some(t => isBad(t.result)) || teardown.some(a => a.result === 'error');

/** Tests by result. */
export function counts(tests: readonly TestResult[]): Record<Result, number> {
  const all = { pass: 0, skip: 0, fail: 0, warning: 0, error: 0 };
  for (const { result } of tests) all[result]++;
  return all;
}
