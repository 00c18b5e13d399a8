/**
 * What the operator asked of the audit log → tests on records and on their events. Unknown parameters are refused.
 * R4: https://hl7.org/fhir/R4/auditevent.html#search, https://hl7.org/fhir/R4/search.html
 * @module
 */
import type { Coding } from '@medplum/fhirtypes';
import { Problem } from '../fhir/model/outcome.ts';
import { isId } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import { actionOf, idOf, outcomeOf, subjectOf, subtypesOf, typeOf } from './event.ts';
import type { Recorded } from './record.ts';

export interface AuditQuery {
  readonly record: (r: Recorded) => boolean;
  /** Tests that hang on the patient of one event. */
  readonly event: (r: Recorded, index: number) => boolean;
  /** Milliseconds that `recorded` must lie between; for skipping segments. */
  readonly from: number;
  readonly to: number;
  readonly descending: boolean;
  readonly count: number;
  readonly total: boolean;
  readonly position?: Position;
}

/** The last event that was given. `recorded` tells where the other logs stand, if there are any. */
export interface Position {
  readonly log: string;
  readonly seq: number;
  readonly index: number;
  readonly recorded?: number;
}

export const positionText = ({ log, seq, index, recorded }: Position): string =>
  `${log === '' ? '' : `${log}.`}${seq}-${index}${recorded === undefined ? '' : `@${recorded}`}`;

type Test = (r: Recorded, patient: string | undefined, index: number) => boolean;

const most = 1000;
const usual = 50;

export function parseQuery(parameters: readonly (readonly [string, string])[]): AuditQuery {
  const tests: Test[] = [];
  const eventTests: Test[] = [];
  const range = { from: -Infinity, to: Infinity };
  let descending = true;
  let count = usual;
  let total = false;
  let position: AuditQuery['position'];
  for (const [name, value] of parameters) {
    const [code, modifier] = name.split(':', 2) as [string, string | undefined];
    if (value === '') throw unusable(name);
    if (
      modifier !== undefined &&
      !(modifier === 'identifier' && code === 'agent') &&
      !(modifier === 'Patient' && ['patient', 'entity'].includes(code))
    )
      throw unknown(name);
    switch (code) {
      case 'date':
      case '_lastUpdated': {
        const dates = value.split(',').map(one => dateTest(name, one));
        tests.push(r => dates.some(d => d.holds(r.recorded)));
        range.from = Math.max(range.from, Math.min(...dates.map(d => d.from)));
        range.to = Math.min(range.to, Math.max(...dates.map(d => d.to)));
        break;
      }
      case 'type':
        tests.push(token(value, r => [typeOf(r)]));
        break;
      case 'subtype':
        tests.push(token(value, subtypesOf));
        break;
      case 'action':
        tests.push(token(value, r => [{ system: 'http://hl7.org/fhir/audit-event-action', code: actionOf(r) }]));
        break;
      case 'outcome':
        tests.push(token(value, r => [{ system: 'http://terminology.hl7.org/CodeSystem/audit-event-outcome', code: outcomeOf(r) }]));
        break;
      case 'agent':
        tests.push(agent(value, modifier === 'identifier'));
        break;
      case 'agent-name': {
        const starts = value.toLowerCase().split(',');
        tests.push(r => starts.some(one => r.client?.toLowerCase().startsWith(one)));
        break;
      }
      case 'agent-role':
        tests.push(
          token(value, r => (r.role === undefined ? [] : [{ system: 'https://noren.example/fhir/CodeSystem/client-kind', code: r.role }])),
        );
        break;
      case 'policy':
        tests.push(r => r.token !== undefined && value.split(',').includes(`urn:ietf:params:oauth:jti:${r.token}`));
        break;
      case 'address':
        tests.push(r => r.address !== undefined && value.split(',').some(one => r.address!.startsWith(one)));
        break;
      case 'entity':
        eventTests.push(entity(name, value, modifier));
        break;
      case 'patient': {
        const wanted = value.split(',').map(one => patientReference(name, one));
        eventTests.push((_, patient) => patient !== undefined && wanted.includes(patient));
        break;
      }
      case '_id':
        eventTests.push((r, _, index) => value.split(',').includes(idOf(r, index)));
        break;
      case '_count':
        if (!/^\d{1,9}$/.test(value)) throw unusable(name);
        count = Math.min(Number(value), most);
        if (count === 0) total = true;
        break;
      case '_sort':
        if (!['date', '-date', '_lastUpdated', '-_lastUpdated'].includes(value)) throw unusable(name);
        descending = value.startsWith('-');
        break;
      case '_total':
        if (!['none', 'estimate', 'accurate'].includes(value)) throw unusable(name);
        total = value !== 'none';
        break;
      case '_summary':
        if (value !== 'count' && value !== 'false') throw unusable(name);
        if (value === 'count') [count, total] = [0, true];
        break;
      case '_format':
        break;
      case '_position':
        position = positionOf(name, value);
        break;
      default:
        throw unknown(name);
    }
  }
  const summary = parameters.some(([name, value]) => name === '_summary' && value === 'count');
  return {
    record: r => tests.every(test => test(r, undefined, 0)),
    event: (r, index) => eventTests.every(test => test(r, r.patients?.[index], index)),
    ...range,
    descending,
    count: summary ? 0 : count,
    total,
    ...(position === undefined ? {} : { position }),
  };
}

const unknown = (name: string): Problem =>
  new Problem(
    'invalid-parameter',
    /^[A-Za-z_:-]{1,40}$/.test(name)
      ? `AuditEvent has no search parameter "${name}" here.`
      : 'AuditEvent has no such search parameter here.',
  );
const unusable = (name: string): Problem =>
  new Problem('invalid-parameter', `The search parameter "${name}" has a value that cannot be used.`, { expression: `http.${name}` });

/** `code`, `system|code`, `|code`, `system|`; alternatives by comma. */
function token(value: string, codings: (r: Recorded) => Coding[]): Test {
  const alternatives = value.split(',').map(one => {
    const bar = one.indexOf('|');
    return bar < 0 ? { code: one } : { system: one.slice(0, bar), code: one.slice(bar + 1) };
  });
  return r =>
    codings(r).some(c =>
      alternatives.some(a => (a.system === undefined || a.system === (c.system ?? '')) && (a.code === '' || a.code === c.code)),
    );
}

/** A client's id, its Organization (`Organization/hospital-1`), or either as an identifier. */
function agent(value: string, identifier: boolean): Test {
  const wanted = value.split(',').map(one => (identifier ? one.slice(one.indexOf('|') + 1) : one));
  return r =>
    wanted.some(
      one =>
        one === r.client ||
        (!identifier && (one === r.sender || (r.sender?.startsWith('Organization/') === true && r.sender === `Organization/${one}`))),
    );
}

/** A reference that stands in an entity, with or without its version; an id alone is of any type. */
function entity(name: string, value: string, modifier: string | undefined): Test {
  const wanted = value.split(',').map(one => {
    if (isId(one)) return modifier === undefined ? { id: one } : { reference: `${modifier}/${one}` };
    const found = literal(one);
    if (found === undefined) throw unusable(name);
    return { reference: one };
  });
  const matches = (reference: string): boolean => {
    const plain = reference.split('/_history/')[0]!;
    return wanted.some(w => (w.reference !== undefined ? w.reference === reference || w.reference === plain : plain.endsWith(`/${w.id}`)));
  };
  return (r, patient) => {
    const subject = subjectOf(r);
    return (
      (patient !== undefined && matches(patient)) ||
      (subject !== undefined && matches(subject)) ||
      (r.disclosures ?? []).some(({ study }) => matches(study)) ||
      Object.values(r.entries ?? {}).some(all => all.some(matches))
    );
  };
}

function patientReference(name: string, value: string): string {
  if (isId(value)) return `Patient/${value}`;
  const found = literal(value);
  if (found?.type !== 'Patient') throw unusable(name);
  return `Patient/${found.id}`;
}

function positionOf(name: string, value: string): Position {
  const m = /^(?:(w[1-9]\d{0,2})\.)?(\d{1,15})-(\d{1,9})(?:@(\d{1,16}))?$/.exec(value);
  if (!m) throw unusable(name);
  return { log: m[1] ?? '', seq: Number(m[2]), index: Number(m[3]), ...(m[4] === undefined ? {} : { recorded: Number(m[4]) }) };
}

/** R4: https://hl7.org/fhir/R4/search.html#date. A date without a zone is meant in UTC. */
function dateTest(name: string, value: string): { from: number; to: number; holds: (at: number) => boolean } {
  const m =
    /^(eq|ne|gt|lt|ge|le|sa|eb)?(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/.exec(
      value,
    );
  if (!m) throw unusable(name);
  const [, prefix = 'eq', year, month, day, hour, minute, second, fraction, zone = 'Z'] = m;
  const low = Date.parse(
    `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${(fraction ?? '').padEnd(3, '0').slice(0, 3)}${hour === undefined ? 'Z' : zone}`,
  );
  if (Number.isNaN(low) || (day !== undefined && hour === undefined && new Date(low).getUTCDate() !== Number(day))) throw unusable(name);
  const high = end(low, { month, day, hour, second, fraction });
  switch (prefix) {
    case 'eq':
      return { from: low, to: high, holds: at => at >= low && at <= high };
    case 'ne':
      return { from: -Infinity, to: Infinity, holds: at => at < low || at > high };
    case 'gt':
    case 'sa':
      return { from: high, to: Infinity, holds: at => at > high };
    case 'ge':
      return { from: low, to: Infinity, holds: at => at >= low };
    case 'lt':
    case 'eb':
      return { from: -Infinity, to: low, holds: at => at < low };
    default:
      return { from: -Infinity, to: high, holds: at => at <= high };
  }
}

function end(
  low: number,
  given: {
    month: string | undefined;
    day: string | undefined;
    hour: string | undefined;
    second: string | undefined;
    fraction: string | undefined;
  },
): number {
  if (given.fraction !== undefined) return low;
  if (given.second !== undefined) return low + 999;
  if (given.hour !== undefined) return low + 59_999;
  if (given.day !== undefined) return low + 86_399_999;
  const date = new Date(low);
  return (given.month !== undefined ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) : Date.UTC(date.getUTCFullYear() + 1, 0)) - 1;
}
