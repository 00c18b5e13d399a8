/**
 * What is unsafe in a configuration, or does nothing: sentences for whoever loads it. None holds a key.
 * @module
 */
import { elementsOf, typesOf } from '../../fhir/profile/elements.ts';
import type { Members } from './json.ts';
import { isResource, placesOf } from './places.ts';
import type { Rule, RulesParameters } from './rule.ts';

const top = new Set(['fhirVersion', 'processingErrors', 'fhirPathRules', 'parameters']);
const ofParameters = new Set(
  'dateShiftKey dateShiftScope dateShiftFixedOffsetInDays cryptoHashKey encryptKey enablePartialAgesForRedact enablePartialDatesForRedact enablePartialZipCodesForRedact restrictedZipCodeTabulationAreas customSettings'.split(
    ' ',
  ),
);
const ofRule = new Set('path method replaceWith span rangeType roundTo cases otherValues'.split(' '));

const unknownKeys = (object: Members, known: ReadonlySet<string>, place: string): string[] =>
  [...object.keys()].filter(key => !known.has(key)).map(key => `${place}"${key}" is no key of the format, and has no effect.`);

/** Why a rule can find nothing; undefined: it can, or that cannot be told. */
function idle({ path }: Rule): string | undefined {
  const { type, steps } = path;
  if (type !== '' && type !== 'Resource' && type !== 'DomainResource' && !isResource(type)) return `${type} is no resource type of R4`;
  if (steps === undefined) return undefined;
  const { nodes } = steps;
  let types: string[];
  if (nodes === undefined) types = type === '' || type === 'Resource' || type === 'DomainResource' ? typesOf('resource') : [type];
  else if (nodes.by === 'name') return undefined;
  else if (isResource(nodes.argument) || ['Element', 'BackboneElement', 'xhtml'].includes(nodes.argument)) return undefined;
  else if (elementsOf(nodes.argument).size === 0 && !/^[a-z]/.test(nodes.argument)) return `${nodes.argument} is no type of R4`;
  else types = [nodes.argument];
  for (const step of steps.steps) {
    if (types.includes('Resource')) return undefined;
    types = types.flatMap(at => [...placesOf(at).values()].filter(place => place.name === step.name).map(place => place.type));
    if (types.length === 0) return `R4 has no element "${step.name}" there`;
  }
  return undefined;
}

export function warningsOf(file: Members, rules: readonly Rule[], parameters: RulesParameters): string[] {
  const warnings = unknownKeys(file, top, '');
  if ((file.get('fhirVersion') ?? '') === '') warnings.push('"fhirVersion" is empty: R4 is taken.');
  rules.forEach((rule, i) => {
    const json = (file.get('fhirPathRules') as Members[])[i]!;
    warnings.push(...unknownKeys(json, ofRule, `${rule.place}: `));
    const reason = idle(rule);
    if (reason !== undefined) warnings.push(`${rule.place}: the path "${rule.path.written}" finds nothing: ${reason}.`);
    if (rule.method.name === 'unknown')
      warnings.push(`${rule.place}: there is no method "${rule.method.written}"; a resource that the rule is for stops the run.`);
  });
  const given = file.get('parameters');
  if (given instanceof Map) warnings.push(...unknownKeys(given as Members, ofParameters, 'parameters: '));
  const uses = (...names: string[]): boolean => rules.some(rule => names.includes(rule.method.name));
  const last = rules.at(-1);
  if (last === undefined || !last.path.root || !['Resource', 'DomainResource'].includes(last.path.type) || last.method.name !== 'redact')
    warnings.push(
      'What no rule finds is kept: elements that nobody thought of leave. A last rule with the path "Resource" and the method "redact" would close the list.',
    );
  if (uses('dateShift')) {
    if (parameters.dateShiftFixedOffsetInDays !== undefined)
      warnings.push('"dateShiftFixedOffsetInDays" moves the dates of all persons by the same days: one known date gives all others.');
    else
      warnings.push(
        'The date shift can be foretold: there are 101 shifts, and who knows that of one or two resources by their ids can work out all others, without the key.',
      );
    if (parameters.dateShiftFixedOffsetInDays === undefined && parameters.dateShiftKey === '')
      warnings.push(
        '"dateShiftKey" is empty: the keys file stands in for it, for every configuration alike; without one dates of two runs do not go together.',
      );
    if (parameters.dateShiftFixedOffsetInDays === undefined && parameters.dateShiftScope === 'resource')
      warnings.push('"dateShiftScope" is "resource": intervals between resources of one person are not kept.');
  }
  if (uses('cryptoHash') && parameters.cryptoHashKey === '')
    warnings.push(
      '"cryptoHashKey" is empty: the keys file stands in for it, for every configuration alike; without one hashes of two runs do not go together.',
    );
  if (uses('encrypt')) {
    warnings.push('"encrypt" is AES-CBC without authentication: who can change the text can change what is decrypted.');
    if (parameters.encryptKey === '')
      warnings.push('"encryptKey" is empty: the keys file stands in for it; without one nobody can decrypt.');
  }
  if (parameters.enablePartialDatesForRedact && uses('redact', 'dateShift'))
    warnings.push(
      '"enablePartialDatesForRedact" keeps the year of every redacted date, also inside names, identifiers and addresses; an instant becomes a year, which is no valid R4.',
    );
  if (parameters.enablePartialAgesForRedact && uses('redact'))
    warnings.push('"enablePartialAgesForRedact" keeps the number of an Age without its unit; an age with a fraction stops the run.');
  return warnings;
}
