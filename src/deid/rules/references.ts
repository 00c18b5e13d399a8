/**
 * The text of a Reference with only the id in it hashed, so that it still leads to the resource whose id was hashed with the same key.
 * R4: https://hl7.org/fhir/R4/references.html#literal
 * @module
 */
import { typesOf } from '../../fhir/profile/elements.ts';
import { joined } from '../joined.ts';

let literal: RegExp | undefined;
/** R4's pattern of a literal reference. A host with a hyphen does not match it. */
const pattern = (): RegExp =>
  (literal ??= new RegExp(
    String.raw`^((?:https?://[A-Za-z0-9\\/.:%$]*)?(?:${typesOf('resource').join('|')})/)([A-Za-z0-9\-.]{1,64})(/_history/[A-Za-z0-9\-.]{1,64})?$`,
  ));
const urn = 'urn:uuid:';
const uuid = /^urn:uuid:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
/** Written in one piece (joined.ts); a hash has at most 64 digits. */
const hashedUrn = Buffer.from(urn + '0'.repeat(64), 'latin1');
const oid = /^(urn:oid:)([0-2](?:\.(?:0|[1-9][0-9]*))+)$/;

/** `#id`, `[base/]Type/id[/_history/version]`, `urn:oid:`, `urn:uuid:`; every other text is hashed whole. */
export function hashedReference(text: string, hash: (text: string) => string): string {
  if (text.startsWith('#')) return joined('#', hash(text.slice(1)));
  if (uuid.test(text)) {
    const end = urn.length + hashedUrn.write(hash(text.slice(urn.length)), urn.length, 'latin1');
    return hashedUrn.toString('latin1', 0, end);
  }
  const parts = text.startsWith('urn:') ? oid.exec(text) : pattern().exec(text);
  return parts === null ? hash(text) : joined(parts[1]!, hash(parts[2]!), parts[3] ?? '');
}
