/**
 * Codes of an element, and whether the specification's own lists have them.
 * R4: https://hl7.org/fhir/R4/terminologies.html
 * @module
 */
import { codeTest, conceptTest } from './bindings.ts';
import { isObject } from './findings.ts';
import type { Item } from './items.ts';

/** The codings of a coded element; a code alone has no system. */
export function codingsOf({ value, type }: Item): readonly { system?: string; code: string; display?: string }[] {
  if (typeof value === 'string') return [{ code: value }];
  if (!isObject(value)) return [];
  const list = type === 'CodeableConcept' ? value['coding'] : [value];
  return (Array.isArray(list) ? list : []).flatMap(one => {
    if (!isObject(one) || typeof one['code'] !== 'string') return [];
    const { system, code, display } = one;
    return {
      code,
      ...(typeof system === 'string' ? { system } : {}),
      ...(type !== 'Quantity' && typeof display === 'string' ? { display } : {}),
    };
  });
}

type Tests = readonly [code: ReturnType<typeof codeTest>, concept: ReturnType<typeof conceptTest>];
const tests = new Map<string, Tests>();
function testsOf(valueSet: string): Tests {
  let known = tests.get(valueSet);
  if (known === undefined) {
    if (tests.size > 1_000) tests.clear();
    known = [codeTest(valueSet), conceptTest(valueSet)];
    tests.set(valueSet, known);
  }
  return known;
}

/** Whether the specification's own list of a value set has the element's code; undefined: it lists none. */
export function isInOwn({ value }: Item, valueSet: string): boolean | undefined {
  const [code, concept] = testsOf(valueSet);
  return typeof value === 'string' ? code?.(value) : isObject(value) ? concept?.(value) : undefined;
}
