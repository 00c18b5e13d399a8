/**
 * reference: a reference follows its target to the target's pseudonym; where the target does not leave, neither does the reference.
 * Every written form is understood: relative, absolute below our own base, with a version (which is dropped), urn, conditional, contained (`#x`), logical identifier.
 * Display, type and identifier never leave.
 * R4: https://hl7.org/fhir/R4/references.html
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { identifiedBy, literal } from '../../fhir/model/reference.ts';
import { type Context, isObject, type Run } from '../context.ts';
import { bitOf } from './mark.ts';
import type { Method } from './method.ts';

function toContained(id: string, run: Run): Json | undefined {
  if (id === '') return run.inside === undefined ? undefined : { reference: '#' };
  const out = run.contained.get(id);
  if (out === undefined) return run.people.get(id);
  run.used.add(out);
  return { reference: '#' + out };
}

/** `Reference.type`, a name or the URL of its definition. */
export const typeOf = (type: unknown): string | undefined =>
  typeof type === 'string' && type !== '' ? type.slice(type.lastIndexOf('/') + 1) : undefined;

const hash = '#'.charCodeAt(0);

function follow(text: string, context: Context): Json | undefined {
  const own = literal(text, context.base);
  if (own !== undefined) return context.lead(own.type.length + own.id.length + 1 === text.length ? text : `${own.type}/${own.id}`);
  const one = identifiedBy(text);
  return one === undefined ? context.lead(text) : context.identified?.(one.identifier, one.type);
}

const removed = bitOf('removed');

export const reference: Method = {
  types: ['Reference'],
  options: {},
  mark: 'hashed',
  make: () => (value, run) => {
    if (!isObject(value)) return undefined;
    const { context } = run;
    for (const name in value) if (name !== 'reference') run.marks |= removed;
    const text = value['reference'];
    if (typeof text !== 'string')
      return isObject(value['identifier']) ? context.identified?.(value['identifier'], typeOf(value['type'])) : undefined;
    if (text.charCodeAt(0) === hash) return toContained(text.slice(1), run);
    return context.led === undefined ? follow(text, context) : context.led.of(text, given => follow(given, context));
  },
};
