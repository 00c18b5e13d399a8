/**
 * pseudonymize: what names something becomes its keyed pseudonym. The id of a resource becomes that of the release; a contained resource's a number within its container;
 * a UID of DICOM a keyed UID, the same as within the object; a canonical URL (its version and fragment dropped), a URI or a uuid a `urn:uuid`; an Identifier one of a system of pseudonyms.
 * R4: https://hl7.org/fhir/R4/resource.html#id, https://hl7.org/fhir/R4/references.html#contained, https://hl7.org/fhir/R4/datatypes.html#Identifier
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject, type Run, type Treat } from '../context.ts';
import { joined } from '../joined.ts';
import { type Method, oneOf } from './method.ts';
import { oneOfWords } from './option.ts';

/** System of an identifier that has become a pseudonym. */
export const pseudonymSystem = 'https://noren.example/fhir/sid/identifier-pseudonym';

function identifier(value: unknown, run: Run): Json | undefined {
  if (!isObject(value) || typeof value['value'] !== 'string') return undefined;
  const { use, system, value: text } = value;
  return {
    ...(use === 'usual' || use === 'official' || use === 'temp' || use === 'secondary' || use === 'old' ? { use } : {}),
    system: pseudonymSystem,
    value: run.context.keys.pseudonym('Identifier', `${typeof system === 'string' ? system : ''}|${text}`),
  };
}

/** The UID of a study stands among its identifiers. R4: https://hl7.org/fhir/R4/imagingstudy.html#notes */
function identifierOfDicom(value: unknown, run: Run): Json | undefined {
  if (!isObject(value) || value['system'] !== 'urn:dicom:uid' || typeof value['value'] !== 'string') return undefined;
  const uid = /^urn:oid:([0-9.]{1,64})$/.exec(value['value'])?.[1];
  return uid === undefined ? undefined : { system: 'urn:dicom:uid', value: joined('urn:oid:', run.context.keys.uid(uid)) };
}

/** @param whole what names the same thing without its version and fragment */
const urn =
  (whole: (text: string) => string): Treat =>
  (value, run) => {
    const text = typeof value === 'string' ? whole(value) : '';
    // A fragment alone is of the resource itself.
    return text === '' ? undefined : joined('urn:uuid:', run.context.keys.pseudonym('canonical', text));
  };
const unversioned = (text: string): string => text.replace(/\|[^|]*$/, '');
/** R4: https://hl7.org/fhir/R4/references.html#canonical, where a fragment stands behind the version. */
const ofCanonical = urn(text => unversioned(text.replace(/#[^#]*$/, '')));
const ofUri = urn(unversioned);

/** Option: `domain` (of an id, oid or Identifier): resource (default) or uid; an Identifier that is no UID of DICOM then goes. */
export const pseudonymize: Method = {
  types: ['id', 'oid', 'uri', 'url', 'canonical', 'uuid', 'Identifier'],
  options: { domain: oneOfWords('resource', 'uid') },
  mark: 'hashed',
  make: (options, _, type) => {
    const domain = oneOf(options, 'domain', ['resource', 'uid']);
    if (type === 'Identifier') return domain === 'uid' ? identifierOfDicom : identifier;
    if (type !== 'id' && type !== 'oid') return type === 'canonical' ? ofCanonical : ofUri;
    if (type === 'oid' && domain !== 'uid') throw new Error('an oid becomes one with "domain": "uid"');
    if (domain === 'uid') return (value, run) => (typeof value === 'string' ? run.context.keys.uid(value) : undefined);
    return (value, run) => {
      if (typeof value !== 'string') return undefined;
      return run.inside ?? run.context.id;
    };
  },
};
