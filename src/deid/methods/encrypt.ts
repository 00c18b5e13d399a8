/**
 * encrypt: AES-256-GCM under the keys of the series, base64 of nonce, cipher text and tag. Whoever has the keys has the text again (`decrypt` in keys.ts): no policy for data that nobody may restore has it.
 * NIST SP 800-38D
 * @module
 */
import type { Method } from './method.ts';

export const encrypt: Method = {
  types: ['string', 'markdown'],
  options: {},
  mark: 'encrypted',
  // Nonce and tag, and one byte of text.
  sample: () => Buffer.alloc(29).toString('base64'),
  make: () => (value, run) =>
    typeof value === 'string' && value !== ''
      ? run.context.keys.encrypt(`${run.context.id}/${run.inside ?? ''}/${run.draws++}`, value)
      : undefined,
};
