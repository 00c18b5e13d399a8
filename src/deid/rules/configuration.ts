/**
 * A configuration of the Microsoft-compatible format (`fhirPathRules`), read and checked. This is the one place where the file's JSON becomes rules.
 * Documented in docs/deidentification/rules.md.
 * @module
 */
import { Decimal } from '../../fhir/model/json.ts';
import { isObject } from '../context.ts';
import { PolicyError } from '../policy.ts';
import { conditionFault, pathFault } from './fhirpath.ts';
import { isMembers, type Members, plainJson, readJson, textOf } from './json.ts';
import { fhirPathOf, readPath } from './path.ts';
import type { Method, Rule, RulesParameters } from './rule.ts';
import { warningsOf } from './warnings.ts';

export interface RulesConfiguration {
  readonly processingErrors: 'raise' | 'skip';
  readonly rules: readonly Rule[];
  readonly parameters: RulesParameters;
  /** What is unsafe in it, or has no effect: one sentence each, in the order of the file. */
  readonly warnings: readonly string[];
}

const ofText = (value: unknown, place: string): string => {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new PolicyError(place, 'must be a text');
  return value;
};

function oneOf<T extends string>(value: unknown, names: readonly T[], otherwise: T, place: string): T {
  if (value === undefined) return otherwise;
  const found = typeof value === 'string' ? names.find(name => name.toLowerCase() === value.toLowerCase()) : undefined;
  if (found === undefined) throw new PolicyError(place, `must be one of ${names.join(', ')}`);
  return found;
}

function flag(value: unknown, place: string): boolean {
  if (value === undefined) return false;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  if (typeof value !== 'boolean') throw new PolicyError(place, 'must be true or false');
  return value;
}

function parametersOf(value: unknown): RulesParameters {
  if (value !== undefined && value !== null && !isMembers(value)) throw new PolicyError('parameters', 'must be an object');
  const given: Members = isMembers(value) ? value : new Map();
  const key = (name: string): string => ofText(given.get(name), `parameters.${name}`);
  const days = given.get('dateShiftFixedOffsetInDays') ?? undefined;
  const offset = days === undefined ? undefined : Number(numberText(days));
  if (offset !== undefined && offset !== (offset | 0))
    throw new PolicyError('parameters.dateShiftFixedOffsetInDays', 'must be a whole number of days');
  const areas = given.get('restrictedZipCodeTabulationAreas') ?? [];
  if (!Array.isArray(areas) || !areas.every(one => typeof one === 'string'))
    throw new PolicyError('parameters.restrictedZipCodeTabulationAreas', 'must be a list of texts');
  const encryptKey = key('encryptKey');
  if (encryptKey !== '' && ![16, 24, 32].includes(Buffer.byteLength(encryptKey)))
    throw new PolicyError('parameters.encryptKey', 'must have 16, 24 or 32 bytes');
  return {
    dateShiftKey: key('dateShiftKey'),
    dateShiftScope: oneOf(given.get('dateShiftScope'), ['resource', 'file', 'folder'], 'resource', 'parameters.dateShiftScope'),
    ...(offset === undefined ? {} : { dateShiftFixedOffsetInDays: offset }),
    cryptoHashKey: key('cryptoHashKey'),
    encryptKey,
    enablePartialAgesForRedact: flag(given.get('enablePartialAgesForRedact'), 'parameters.enablePartialAgesForRedact'),
    enablePartialDatesForRedact: flag(given.get('enablePartialDatesForRedact'), 'parameters.enablePartialDatesForRedact'),
    enablePartialZipCodesForRedact: flag(given.get('enablePartialZipCodesForRedact'), 'parameters.enablePartialZipCodesForRedact'),
    restrictedZipCodeTabulationAreas: areas as string[],
  };
}

/** The number that a JSON number or a text means, in decimal notation; nothing is 0. */
const numberText = (value: unknown): string | undefined => {
  if (value === null) return '0';
  if (typeof value === 'number' || value instanceof Decimal) return textOf(Number(value));
  return typeof value === 'string' && /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value)
    ? textOf(Number(value))
    : undefined;
};

function perturb(rule: Members, place: string): Method {
  const span = numberText(rule.get('span'));
  if (span === undefined || !/^\d*\.?\d*$/.test(span)) throw new PolicyError(`${place}.span`, 'must be a number that is not negative');
  const rounds = rule.get('roundTo');
  const roundTo = rounds === undefined ? '2' : (numberText(rounds) ?? '');
  if (!/^\d+$/.test(roundTo) || Number(roundTo) > 28) throw new PolicyError(`${place}.roundTo`, 'must be a whole number from 0 to 28');
  const range = oneOf(rule.get('rangeType'), ['fixed', 'proportional'], 'fixed', `${place}.rangeType`);
  return { name: 'perturb', span, roundTo: Number(roundTo), proportional: range === 'proportional' };
}

function generalize(rule: Members, place: string): Method {
  const written = rule.get('cases');
  const given = typeof written === 'string' ? readJson(written, `${place}.cases`) : written;
  if (!isMembers(given)) throw new PolicyError(`${place}.cases`, 'must be an object of conditions and values');
  const cases = [...given].map(([condition, value], i): readonly [string, string] => {
    const text = typeof value === 'object' && !(value instanceof Decimal) ? '' : textOf(value as string);
    for (const expression of [condition, text]) {
      const fault = conditionFault(expression);
      if (fault !== undefined) throw new PolicyError(`${place}.cases[${i}]`, fault);
    }
    return [condition, text];
  });
  return { name: 'generalize', cases, otherValues: oneOf(rule.get('otherValues'), ['redact', 'keep'], 'redact', `${place}.otherValues`) };
}

function substitute(rule: Members, place: string): Method {
  if (!rule.has('replaceWith')) throw new PolicyError(place, '"replaceWith" is missing');
  const value = plainJson(rule.get('replaceWith'));
  if (value === null) return { name: 'substitute', json: {} };
  if (isObject(value) && !(value instanceof Decimal)) return { name: 'substitute', json: value, text: JSON.stringify(value) };
  if (Array.isArray(value)) return { name: 'substitute', text: JSON.stringify(value) };
  const text = textOf(value as string | number | boolean);
  let json: unknown;
  try {
    json = plainJson(readJson(text, place));
  } catch {
    // A text for a primitive. For anything else it cannot be used: said when a resource meets it.
  }
  return { name: 'substitute', text, ...(isObject(json) && !(json instanceof Decimal) ? { json } : {}) };
}

const simple = new Map([...(['keep', 'redact', 'dateShift', 'cryptoHash', 'encrypt'] as const)].map(name => [name.toLowerCase(), name]));

function methodOf(rule: Members, place: string): Method {
  const written = rule.get('method');
  if (typeof written !== 'string' || written.trim() === '') throw new PolicyError(place, '"method" is missing');
  const name = written.toLowerCase();
  const plain = simple.get(name);
  if (plain !== undefined) return { name: plain };
  if (name === 'substitute') return substitute(rule, place);
  if (name === 'perturb') return perturb(rule, place);
  if (name === 'generalize') return generalize(rule, place);
  return { name: 'unknown', written };
}

function ruleOf(value: unknown, place: string): Rule {
  if (!isMembers(value)) throw new PolicyError(place, 'must be an object');
  const written = value.get('path');
  if (typeof written !== 'string' || written.trim() === '') throw new PolicyError(place, '"path" is missing');
  const path = readPath(written);
  const fault = path.root ? undefined : pathFault(fhirPathOf(path));
  if (fault !== undefined) throw new PolicyError(`${place}.path`, fault);
  return { place, path, method: methodOf(value, place) };
}

/** From the text of a configuration file. @throws PolicyError for every fault that the format finds at load */
export function readRules(text: string): RulesConfiguration {
  const file = readJson(text, 'the file');
  if (!isMembers(file)) throw new PolicyError('the file', 'must be an object');
  const version = ofText(file.get('fhirVersion'), 'fhirVersion');
  if (version !== '' && version.toLowerCase() !== 'r4') throw new PolicyError('fhirVersion', 'must be R4');
  const processingErrors = oneOf(file.get('processingErrors'), ['raise', 'skip'], 'raise', 'processingErrors');
  const list = file.get('fhirPathRules');
  if (!Array.isArray(list)) throw new PolicyError('fhirPathRules', 'must be a list of rules');
  const rules = list.map((one, i) => ruleOf(one, `fhirPathRules[${i}]`));
  const parameters = parametersOf(file.get('parameters'));
  return { processingErrors, rules, parameters, warnings: warningsOf(file, rules, parameters) };
}
