/**
 * Invariants of the resources that define and test, and of Parameters and Task. A key that R4 uses twice stands with its path.
 * R4: https://hl7.org/fhir/R4/conformance-module.html, https://hl7.org/fhir/R4/terminology-module.html
 * @module
 */
import { inOrder } from './order.ts';
import { count, descendants, has, hasChoice, isDistinct, items, type Rule, type Rules, values } from './rule.ts';

const either =
  (a: string, b: string): Rule =>
  element =>
    has(element, a) !== has(element, b);
const implies =
  (a: string, b: string): Rule =>
  element =>
    !has(element, a) || has(element, b);

const ofType = (item: Parameters<Rule>[0], ...types: string[]): boolean => types.includes(item['type'] as string);

const asserted = [
  'contentType',
  'expression',
  'headerField',
  'minimumId',
  'navigationLinks',
  'path',
  'requestMethod',
  'resource',
  'responseCode',
  'response',
  'validateProfileId',
];

const operation: Rule = o => {
  const type = o['type'] as { code?: unknown } | undefined;
  return (
    has(o, 'sourceId') ||
    count(o, 'targetId') + count(o, 'url') + count(o, 'params') === 1 ||
    ['capabilities', 'search', 'transaction', 'history'].includes(type?.code as string)
  );
};
const oneAssertion: Rule = a => has(a, 'extension') || asserted.reduce((n, name) => n + count(a, name), 0) <= 1;
const compared: Rule = a => !has(a, 'compareToSourceId') !== (has(a, 'compareToSourceExpression') || has(a, 'compareToSourcePath'));
const direction: Rule = a =>
  !has(a, 'direction') || a['direction'] === 'response' || (!has(a, 'response') && !has(a, 'responseCode') && a['direction'] === 'request');
const action = either('operation', 'assert');

export const conformance: Rules = {
  'cmd-1': t => has(t, 'comment') || (t['equivalence'] !== 'narrower' && t['equivalence'] !== 'inexact'),
  'cmd-2': u => u['mode'] !== 'fixed' || has(u, 'code'),
  'cmd-3': u => u['mode'] !== 'other-map' || has(u, 'url'),
  'csd-1': s => isDistinct([...concepts(s['concept'])]),
  'md-1': f => f['max'] === '*' || (typeof f['max'] === 'string' && Number(f['max']) > 0),
  'nsd-1': n => n['kind'] !== 'root' || items(n['uniqueId']).every(u => u['type'] !== 'uuid'),
  'nsd-2': n => isDistinct(items(n['uniqueId']).flatMap(u => (u['preferred'] === true ? values(u['type']) : []))),
  'opd-1': p => has(p, 'type') || has(p, 'part'),
  'opd-2': p => !has(p, 'searchType') || p['type'] === 'string',
  'opd-3': p => !has(p, 'targetProfile') || ofType(p, 'Reference', 'canonical'),
  'que-1': i => (!ofType(i, 'group') || has(i, 'item')) && (!ofType(i, 'display') || !has(i, 'item')),
  'que-2': q => isDistinct([...descendants(q['item'])].flatMap(i => values(i['linkId']))),
  'que-3': i => !ofType(i, 'display') || !has(i, 'code'),
  'que-4': i => !has(i, 'answerOption') || !has(i, 'answerValueSet'),
  'que-5': i =>
    ofType(i, 'choice', 'open-choice', 'decimal', 'integer', 'date', 'dateTime', 'time', 'string', 'quantity') ||
    (!has(i, 'answerValueSet') && !has(i, 'answerOption')),
  'que-6': i => !ofType(i, 'display') || (!has(i, 'required') && !has(i, 'repeats')),
  'que-7': e => e['operator'] !== 'exists' || e['answerBoolean'] !== undefined || !hasChoice(e, 'answer'),
  'que-8': i => !ofType(i, 'group', 'display') || !has(i, 'initial'),
  'que-9': i => !ofType(i, 'display') || !has(i, 'readOnly'),
  'que-10': i => ofType(i, 'boolean', 'decimal', 'integer', 'string', 'text', 'url', 'open-choice') || !has(i, 'maxLength'),
  'que-11': i => !has(i, 'answerOption') || !has(i, 'initial'),
  'que-12': i => count(i, 'enableWhen') <= 2 || has(i, 'enableBehavior'),
  'que-13': i => i['repeats'] === true || count(i, 'initial') <= 1,
  'sdf-2': m => has(m, 'name') || has(m, 'uri'),
  'sdf-10': e => !has(e, 'binding') || ['valueSet', 'description'].some(name => has((e['binding'] ?? {}) as Parameters<Rule>[0], name)),
  'smp-1': implies('element', 'context'),
  'smp-2': implies('context', 'contextType'),
  'spd-1': implies('xpath', 'xpathUsage'),
  'spd-2': s => !has(s, 'chain') || s['type'] === 'reference',
  'tcp-1': s => count(s, 'version') <= 1 || items(s['version']).every(v => has(v, 'code')),
  'TestReport.setup.action inv-1': action,
  'TestReport.test.action inv-2': action,
  'Parameters.parameter inv-1': p => {
    const given = hasChoice(p, 'value');
    return has(p, 'part') ? !given && !has(p, 'resource') : given !== has(p, 'resource');
  },
  // Times of different precision, or without a zone, may be in order: that refuses nothing.
  'Task inv-1': t => {
    const { lastModified, authoredOn } = t;
    if (typeof lastModified !== 'string' || typeof authoredOn !== 'string') return true;
    return inOrder(authoredOn, lastModified);
  },
  'tst-1': action,
  'tst-2': action,
  'tst-3': v => !has(v, 'expression') || !has(v, 'headerField') || !has(v, 'path'),
  'tst-4': m => items(m['capability']).some(c => has(c, 'required') || has(c, 'validated')),
  'tst-5': oneAssertion,
  'tst-6': oneAssertion,
  'tst-7': operation,
  'tst-8': operation,
  'tst-9': operation,
  'tst-10': compared,
  'tst-11': compared,
  'tst-12': direction,
  'tst-13': direction,
  'vsd-1': i => has(i, 'valueSet') || has(i, 'system'),
  'vsd-2': i => !(has(i, 'concept') || has(i, 'filter')) || has(i, 'system'),
  'vsd-3': i => !has(i, 'concept') || !has(i, 'filter'),
  'vsd-6': c => has(c, 'code') || has(c, 'display'),
  'vsd-9': c => has(c, 'code') || c['abstract'] === true,
  'vsd-10': c => !has(c, 'code') || has(c, 'system'),
};

function* concepts(list: unknown): Generator<unknown> {
  for (const concept of items(list)) {
    yield* values(concept['code']);
    yield* concepts(concept['concept']);
  }
}
