/**
 * hash: HMAC-SHA-256 under the keys of the series, as 64 hex digits. Equal texts are equal still, which is its use, and what it tells: rare and frequent stay so.
 * FIPS 198-1; R4: https://hl7.org/fhir/R4/datatypes.html#primitive
 * @module
 */
import type { Method } from './method.ts';
import { aText } from './option.ts';

/** Option: `domain`, default none: texts of two domains do not meet. */
export const hash: Method = {
  types: ['string', 'id', 'code', 'markdown'],
  options: { domain: aText },
  mark: 'hashed',
  sample: () => 'f'.repeat(64),
  make: options => {
    const domain = options['domain'] ?? '';
    if (typeof domain !== 'string') throw new Error('"domain" must be a text');
    return (value, run) => (typeof value === 'string' && value !== '' ? run.context.keys.hash(`${domain}|${value}`) : undefined);
  },
};
