/**
 * Has the person with this number objected, now? For those who would send his data: asked before they do, one by one or as a list.
 * @module
 */
import { personKey } from '../fhir/model/person.ts';
import type { Json } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import { decide } from './decide.ts';
import { type Institution, ownNumbersOf } from './legal.ts';

/** unusable: no number that means one person · foreign: a number of somebody else than who asks. Of neither is anything looked up. */
export type Standing = 'objected' | 'clear' | 'unusable' | 'foreign';

export interface Asker {
  /** `Organization/<id>`: only objections that cover what it sends count; absent: every objection. */
  readonly sender?: string;
  /** Whose numbers alone may be asked about; absent: all. */
  readonly only?: Institution;
}

export async function standing(
  identifier: Json,
  { sender, only }: Asker,
  { store, now }: { readonly store: Pick<Store, 'lines'>; readonly now: number },
): Promise<Standing> {
  const key = personKey(identifier, only?.code);
  if (key === undefined) return 'unusable';
  if (only !== undefined && !key.startsWith(ownNumbersOf(only))) return 'foreign';
  const lines = await store.lines([key]);
  const question = { purpose: 'care', lines, now, waitDays: 0, timeZone: 'UTC', number: key } as const;
  return decide(sender === undefined ? question : { ...question, institution: sender }) === 'objection' ? 'objected' : 'clear';
}
