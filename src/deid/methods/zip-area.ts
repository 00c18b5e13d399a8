/**
 * zip-area: of all addresses one leaves, as state and the first three digits of the ZIP code; `00000` where fewer than 20,000 live in them, `unknown` without a code, `unsupported` for one of another country.
 * 45 CFR 164.514(b)(2)(i)(B); DAPL: the digits behind are zeros. The ZIP areas with few people stand in the policy: each census changes them.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Address
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject, masked } from '../context.ts';
import { type Method, texts } from './method.ts';
import { areaList } from './option.ts';

const zip = /^(\d{3})\d{2}(?:-?\d{4})?$/;
const state = /^(?:[A-Z]{2}|\p{Script=Latin}[\p{Script=Latin} .'-]{1,40})$/u;

/** Option: `restricted`, three digits each. */
export const zipArea: Method = {
  types: ['Address'],
  options: { restricted: areaList },
  list: true,
  mark: 'generalized',
  make: options => {
    const restricted: ReadonlySet<string> = new Set(texts(options, 'restricted'));
    if (![...restricted].every(area => /^\d{3}$/.test(area))) throw new Error('"restricted" must be a list of three digits each');
    const cut = (address: Json): Json | undefined => {
      const area = typeof address['postalCode'] === 'string' ? zip.exec(address['postalCode'].trim())?.[1] : undefined;
      const out: Json = {};
      const written = address['postalCode'];
      if (typeof address['state'] === 'string' && state.test(address['state'])) out['state'] = address['state'];
      if (area !== undefined && !restricted.has(area)) out['postalCode'] = `${area}00`;
      else if (area !== undefined) {
        // Few people: neither the digits nor, beside them, anything that narrows down where.
        out['postalCode'] = '00000';
        out['_postalCode'] = { extension: [masked] };
      } else out['postalCode'] = typeof written === 'string' && written.trim() !== '' ? 'unsupported' : 'unknown';
      return out;
    };
    return value => {
      const addresses = (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isObject);
      for (const uses of [['home'], [undefined], ['work', 'billing', 'temp']] as readonly (readonly unknown[])[]) {
        const one = addresses.filter(address => uses.includes(address['use'])).flatMap(address => cut(address) ?? [])[0];
        if (one !== undefined) return Array.isArray(value) ? [one] : one;
      }
      return undefined;
    };
  },
};
