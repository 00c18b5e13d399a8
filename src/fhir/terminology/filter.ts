/**
 * ValueSet.compose.include.filter as a test of a concept: every operator of R4. A regular expression is run by RE2, in time linear in the text, and matches
 * the whole value.
 * R4: https://hl7.org/fhir/R4/valueset-filter-operator.html, https://hl7.org/fhir/R4/valueset.html#compositions
 * @module
 */
import type { ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import { RE2JS, RE2JSException } from 're2js';
import { Problem } from '../model/outcome.ts';
import { type Concept, related, type System } from './code-system.ts';
import type { Work } from './work.ts';

export type ConceptTest = (concept: Concept, work: Work) => boolean;

type ValuesOf = (concept: Concept) => readonly string[];

const given = (text: string | undefined): readonly string[] => (text === undefined ? [] : [text]);

/** Properties that every code system has. */
const everywhere: Readonly<Record<string, ValuesOf>> = {
  concept: ({ code }) => [code],
  code: ({ code }) => [code],
  display: ({ display }) => given(display),
  definition: ({ definition }) => given(definition),
  designation: ({ designations }) => designations.flatMap(one => given(one.value)),
  parent: ({ parents }) => parents.map(one => one.code),
  child: ({ children }) => children.map(one => one.code),
  inactive: ({ isInactive }) => [String(isInactive)],
  notSelectable: ({ isAbstract }) => [String(isAbstract)],
};

/** The values that a concept has for a property; undefined: the system has no property of this name. */
export function valuesOf({ properties }: System, name: string): ValuesOf | undefined {
  if (Object.hasOwn(everywhere, name)) return everywhere[name];
  const code = properties.get(name);
  return code === undefined ? undefined : concept => concept.properties.flatMap(one => (one.code === code ? [one.text] : []));
}

/** Letters of a pattern, and steps of the program that it makes. */
const longestPattern = 500;
const longestProgram = 2000;
/** A value beyond this is looked at no further: nobody's code or display is that long. */
const longestText = 2000;

function pattern(text: string, place: string): (value: string, work: Work) => boolean {
  if (text.length > longestPattern) throw new Problem('too-costly', 'A regular expression is too long.', { expression: place });
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(text);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new Problem('business-rule', 'A filter’s regular expression cannot be used here (RE2 syntax).', { expression: place });
  }
  const size = compiled.programSize();
  if (size > longestProgram) throw new Problem('too-costly', 'A regular expression repeats too much.', { expression: place });
  return (value, work) => {
    const text = value.slice(0, longestText);
    // Steps of about 0.4 µs: RE2 takes 3 µs, and in the worst case 40 ns for each character and instruction.
    work.spend(5 + Math.ceil((text.length * size) / 10));
    return compiled.matches(text);
  };
}

/**
 * @param place FHIRPath of the filter
 * @throws Problem `business-rule` for a property that the system does not have, `not-found` for a concept that it does not have, `too-costly`
 */
export function filterTest(
  system: System,
  { property = '', op, value = '' }: ValueSetComposeIncludeFilter,
  place: string,
  work: Work,
): ConceptTest {
  const values = valuesOf(system, property);
  if (values === undefined)
    throw new Problem('business-rule', 'A filter names a property that its code system does not have.', {
      expression: `${place}.property`,
    });
  const among =
    (codes: ReadonlySet<string>): ConceptTest =>
    concept =>
      values(concept).some(one => codes.has(one));
  const not =
    (test: ConceptTest): ConceptTest =>
    (concept, work) =>
      !test(concept, work);
  const hierarchy = (direction: 'below' | 'above'): Set<string> => {
    const concept = system.find(value);
    if (concept === undefined)
      throw new Problem('not-found', 'A filter names a concept that its code system does not have.', { expression: `${place}.value` });
    const found = related(system, concept, direction);
    work.spend(found.size);
    return new Set([...found].map(one => one.code));
  };
  const list = () => new Set(value.split(',').map(one => one.trim()));
  switch (op) {
    case '=':
      return among(new Set([value]));
    case 'in':
      return among(list());
    case 'not-in':
      return not(among(list()));
    case 'is-a':
      return among(hierarchy('below'));
    case 'descendent-of': {
      const below = hierarchy('below');
      below.delete(system.find(value)!.code);
      return among(below);
    }
    case 'is-not-a':
      return not(among(hierarchy('below')));
    case 'generalizes':
      return among(hierarchy('above'));
    case 'exists': {
      if (value !== 'true' && value !== 'false')
        throw new Problem('business-rule', 'The value of an exists filter is true or false.', { expression: `${place}.value` });
      const test: ConceptTest = concept => values(concept).length > 0;
      return value === 'true' ? test : not(test);
    }
    case 'regex': {
      const matches = pattern(value, `${place}.value`);
      return (concept, work) => values(concept).some(one => matches(one, work));
    }
    default:
      throw new Problem('business-rule', 'A filter has an operator that R4 does not know.', { expression: `${place}.op` });
  }
}
