/**
 * The keys of a work: those of the keys file for one policy. Outputs of two policies have nothing in common, as two studies' releases have not: of a date that one moves
 * and the other does not, or by another range, the two would tell by how much. What is encrypted is the file's, and what joins is whose key it is.
 * @module
 */
import { hkdfSync } from 'node:crypto';
import { canonicalJson } from '../deid/canonical-json.ts';
import { type SeriesKeys, type ShiftRange, seriesKeys } from '../deid/keys.ts';

/** @param secret of the keys file @param policy by its name, and by how far dates move under it */
export function keysUnder(
  secret: Uint8Array,
  { name, shift = {} }: { readonly name: string; readonly shift?: ShiftRange },
  link?: Uint8Array,
): SeriesKeys {
  const own = Buffer.from(hkdfSync('sha256', secret, 'noren', `files:${name}|${canonicalJson(shift)}`, 32));
  const { encrypt, decrypt } = seriesKeys(secret);
  return { ...seriesKeys(own, shift, link), encrypt, decrypt };
}
