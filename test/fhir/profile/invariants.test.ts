// https://hl7.org/fhir/R4/conformance-rules.html#constraints, https://hl7.org/fhir/R4/fhirpath.html
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { ruleOf } from '../../../src/fhir/profile/compile.ts';
import { Context } from '../../../src/fhir/profile/findings.ts';
import { type RuleRow, typePaths, typeRow } from '../../../src/fhir/profile/table.ts';
import { isSlow } from '../../slow.ts';
import { evaluator } from './engine.ts';
import { anyElement } from './samples.ts';

/** Every invariant that stands on a type or group, with where it stands. */
const all: (readonly [string, RuleRow])[] = typePaths().flatMap(path => (typeRow(path)!.rules ?? []).map(rule => [path, rule] as const));

/** What the engine cannot tell, and why. */
const beyondTheEngine: Readonly<Record<string, string>> = {
  'ctm-1': 'resolve() would fetch; ours looks at the type that the reference itself names',
  'ig-1': '%context is the whole input here, not the element that the rule stands on',
  'ig-2': '%context is the whole input here, not the element that the rule stands on',
  'que-7': 'the engine keeps the Boolean of FHIRPath and the boolean of FHIR apart',
  'rng-2': 'the engine converts units; ours leaves quantities of different units alone',
};

test('there are invariants to hold', () => expect(all.length).toBeGreaterThan(150));

test.each(all)('%s: every invariant has a function', (path, rule) => expect(ruleOf(rule, path)).toBeInstanceOf(Function));

describe('a function says what the FHIRPath of the specification says', () => {
  const told = all.filter(([, rule]) => beyondTheEngine[rule.key] === undefined);
  test.each(told.map(([path, rule]) => [rule.key, path, rule] as const))('%s of %s', (_key, path, rule) => {
    const isRoot = !path.includes('.');
    const ours = ruleOf(rule, path);
    const theirs = evaluator(path, rule.expression);
    fc.assert(
      fc.property(
        anyElement(path, isRoot && path.startsWith('StructureDefinition') ? 3 : 2),
        anyElement(path.split('.')[0]!, 2),
        (element, around) => {
          const resource = { resourceType: path.split('.')[0]!, ...(isRoot ? element : around) } as AnyResource;
          const data = isRoot && typeRow(path)!.kind === 'resource' ? resource : element;
          const answer = theirs(data, resource);
          if (answer !== undefined) expect({ data, holds: ours(data, new Context(resource)) }).toEqual({ data, holds: answer });
        },
      ),
      // The engine takes its time.
      { numRuns: isSlow ? 200 : 12, seed: 4 },
    );
  });
});
