/**
 * Invariants of the resources that speak of people, care and money.
 * R4: https://hl7.org/fhir/R4/resourcelist.html
 * @module
 */
import { Decimal } from '../../model/json.ts';
import { isObject } from '../findings.ts';
import { inOrder } from './order.ts';
import { child, coded, count, has, hasChoice, items, type Rule, type Rules, ucum } from './rule.ts';

const terminology = 'http://terminology.hl7.org/CodeSystem/';
const anyOf =
  (...names: string[]): Rule =>
  element =>
    names.some(name => has(element, name));
const notBoth =
  (a: string, b: string): Rule =>
  element =>
    !has(element, a) || !has(element, b);
const implies =
  (a: string, b: string): Rule =>
  element =>
    !has(element, a) || has(element, b);

const enteredInError = (resource: Parameters<Rule>[0], system: string): boolean =>
  coded(resource['verificationStatus'], terminology + system, 'entered-in-error');

const isPercent = (quantity: unknown): boolean => !isObject(quantity) || (quantity['code'] === '%' && quantity['system'] === ucum);

export const clinical: Rules = {
  'ait-1': a => enteredInError(a, 'allergyintolerance-verification') || has(a, 'clinicalStatus'),
  'ait-2': a => !enteredInError(a, 'allergyintolerance-verification') || !has(a, 'clinicalStatus'),
  'app-1': anyOf('type', 'actor'),
  'app-2': a => has(a, 'start') === has(a, 'end'),
  'app-3': a => (has(a, 'start') && has(a, 'end')) || ['proposed', 'cancelled', 'waitlist'].includes(a['status'] as string),
  'app-4': a => !has(a, 'cancelationReason') || a['status'] === 'noshow' || a['status'] === 'cancelled',
  'apr-1': anyOf('participantType', 'actor'),
  'ces-1': i => has(i, 'category') !== has(i, 'productOrService'),
  'cpl-3': notBoth('detail', 'reference'),
  'cmp-1': anyOf('text', 'entry', 'section'),
  'cmp-2': notBoth('emptyReason', 'entry'),
  'con-1': anyOf('summary', 'assessment'),
  'con-2': anyOf('code', 'detail'),
  'con-4': c =>
    !hasChoice(c, 'abatement') || coded(c['clinicalStatus'], `${terminology}condition-clinical`, 'resolved', 'remission', 'inactive'),
  'con-5': c => !enteredInError(c, 'condition-ver-status') || !has(c, 'clinicalStatus'),
  // onBehalfOf of a member that is no practitioner: only what the reference itself says of its type is looked at, nothing is fetched.
  'ctm-1': (p, context) => {
    if (!has(p, 'onBehalfOf')) return true;
    const { reference, type } = child(p, 'member');
    const literal = typeof reference === 'string' ? reference : '';
    const contained = literal.startsWith('#') ? context.containedType(literal.slice(1)) : undefined;
    const target = contained ?? /(?:^|\/)([A-Za-z]+)\/[^/]+$/.exec(literal)?.[1] ?? type;
    return !['Patient', 'RelatedPerson', 'PractitionerRole', 'Organization', 'CareTeam'].includes(target as string);
  },
  'fhs-1': f => !hasChoice(f, 'age') || !hasChoice(f, 'born'),
  'fhs-2': f => hasChoice(f, 'age') || !has(f, 'estimatedAge'),
  'gol-1': t => !hasChoice(t, 'detail') || has(t, 'measure'),
  'grp-1': g => !has(g, 'member') || g['actual'] === true,
  'imm-1': anyOf('documentType', 'reference'),
  'imr-1': anyOf('vaccineCode', 'targetDisease'),
  'ipn-1': anyOf('identifier', 'name'),
  'lnk-1': l => count(l, 'item') > 1,
  'lst-1': notBoth('emptyReason', 'entry'),
  'lst-2': l => l['mode'] === 'changes' || !items(l['entry']).some(e => has(e, 'deleted')),
  'lst-3': l => l['mode'] === 'working' || !items(l['entry']).some(e => has(e, 'date')),
  'mad-1': d => has(d, 'dose') || hasChoice(d, 'rate'),
  'mdd-1': d => inOrder(d['whenPrepared'], d['whenHandedOver']),
  'mea-1': m =>
    items(m['group']).every(g =>
      items(g['stratifier']).every(s => (has(s, 'code') || has(s, 'description') || has(s, 'criteria')) !== has(s, 'component')),
    ),
  'mrp-1': r => r['type'] !== 'data-collection' || !has(r, 'group'),
  'mrp-2': r =>
    items(r['group']).every(g =>
      items(g['stratifier']).every(s => items(s['stratum']).every(one => has(one, 'value') !== has(one, 'component'))),
    ),
  'msq-3': m => m['coordinateSystem'] === 1 || m['coordinateSystem'] === 0,
  'msq-5': s => has(s, 'chromosome') === has(s, 'genomeBuild'),
  'msq-6': s => ['genomeBuild', 'referenceSeqId', 'referenceSeqPointer', 'referenceSeqString'].filter(name => has(s, name)).length === 1,
  'obs-3': anyOf('low', 'high', 'text'),
  'obs-6': o => !has(o, 'dataAbsentReason') || !hasChoice(o, 'value'),
  // A component that has the Observation's own code, and the Observation has a value too. FHIRPath's intersect compares the whole Coding.
  'obs-7': o => {
    if (!has(o, 'component') || !hasChoice(o, 'value')) return true;
    const own = new Set(items(child(o, 'code')['coding']).map(c => JSON.stringify(Object.entries(c).sort())));
    return !items(o['component']).some(c =>
      items(child(c, 'code')['coding']).some(one => own.has(JSON.stringify(Object.entries(one).sort()))),
    );
  },
  'org-1': anyOf('identifier', 'name'),
  'org-2': a => a['use'] !== 'home',
  'org-3': t => t['use'] !== 'home',
  'pat-1': anyOf('name', 'telecom', 'address', 'organization'),
  'ppc-1': anyOf('policy', 'policyRule'),
  ...Object.fromEntries(
    (
      [
        ['ppc-2', 'patient-privacy'],
        ['ppc-3', 'research'],
        ['ppc-4', 'adr'],
        ['ppc-5', 'treatment'],
      ] as const
    ).map(([key, code]) => [key, (c => has(c, 'patient') || !coded(c['scope'], 'something', code)) as Rule]),
  ),
  'prr-1': implies('orderDetail', 'code'),
  'qrs-1': notBoth('answer', 'item'),
  'ras-1': p => isPercent(p['low']) && isPercent(p['high']),
  'ras-2': p => {
    const { probabilityDecimal: probability } = p;
    return !(typeof probability === 'number' || probability instanceof Decimal) || probability.valueOf() <= 100;
  },
  'rqg-1': a => has(a, 'resource') !== has(a, 'action'),
  'sev-1': notBoth('name', 'query'),
};
