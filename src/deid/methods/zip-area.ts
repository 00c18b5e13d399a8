/**
 * zip-area: of all addresses one leaves, as state and the first three digits of the ZIP code with zeros behind. Without them it is `00000`, and a data-absent-reason says why:
 * `masked` where fewer than 20,000 live in the area, `unsupported` in another country, `unknown` without a code or an address.
 * 45 CFR 164.514(b)(2)(i)(B); DAPL: Patient.address 1..1, postalCode 1..1. The ZIP areas with few people stand in the policy: each census changes them.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Address
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { absentReason, isObject, masked } from '../context.ts';
import { type Method, texts } from './method.ts';
import { areaList } from './option.ts';

const zip = /^(\d{3})\d{2}(?:-?\d{4})?$/;
/** USPS Publication 28, appendix B. A county, or a name, is none. */
const states: ReadonlySet<string> = new Set(
  `AL Alabama;AK Alaska;AZ Arizona;AR Arkansas;CA California;CO Colorado;CT Connecticut;DE Delaware;DC District of Columbia;FL Florida;GA Georgia;HI Hawaii;ID Idaho;IL Illinois;IN Indiana;IA Iowa;KS Kansas;KY Kentucky;LA Louisiana;ME Maine;MD Maryland;MA Massachusetts;MI Michigan;MN Minnesota;MS Mississippi;MO Missouri;MT Montana;NE Nebraska;NV Nevada;NH New Hampshire;NJ New Jersey;NM New Mexico;NY New York;NC North Carolina;ND North Dakota;OH Ohio;OK Oklahoma;OR Oregon;PA Pennsylvania;RI Rhode Island;SC South Carolina;SD South Dakota;TN Tennessee;TX Texas;UT Utah;VT Vermont;VA Virginia;WA Washington;WV West Virginia;WI Wisconsin;WY Wyoming;AS American Samoa;GU Guam;MP Northern Mariana Islands;PR Puerto Rico;VI Virgin Islands`
    .toLowerCase()
    .split(';')
    .flatMap(row => [row.slice(0, 2), row.slice(3)]),
);
const america = /^(?:USA?|U\.S\.(?:A\.)?|840|United States(?: of America)?)$/i;

const without = (reason: Json): Json => ({ postalCode: '00000', _postalCode: { extension: [reason] } });
const unknown = without({ url: absentReason, valueCode: 'unknown' });
const unsupported = without({ url: absentReason, valueCode: 'unsupported' });

const written = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** Option: `restricted`, three digits each. */
export const zipArea: Method = {
  types: ['Address'],
  options: { restricted: areaList },
  list: true,
  mark: 'generalized',
  missing: unknown,
  make: options => {
    const restricted: ReadonlySet<string> = new Set(texts(options, 'restricted'));
    if (![...restricted].every(area => /^\d{3}$/.test(area))) throw new Error('"restricted" must be a list of three digits each');
    const cut = (address: Json): Json => {
      // Five digits are a code of many countries, and what they call a state may be small.
      if (written(address['country']) !== '' && !america.test(written(address['country']))) return unsupported;
      const code = written(address['postalCode']);
      const area = zip.exec(code)?.[1];
      // Few people: in a state with one such area, its name would say which.
      if (area !== undefined && restricted.has(area)) return without(masked);
      const where = states.has(written(address['state']).toLowerCase()) ? { state: written(address['state']) } : {};
      if (area === undefined && code !== '') return { ...where, ...unsupported };
      return { ...where, ...(area === undefined || area === '000' ? unknown : { postalCode: `${area}00` }) };
    };
    return value => {
      const addresses = (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isObject);
      for (const uses of [['home'], [undefined], ['work', 'billing', 'temp']] as readonly (readonly unknown[])[]) {
        const one = addresses.find(address => uses.includes(address['use']));
        if (one !== undefined) return Array.isArray(value) ? [cut(one)] : cut(one);
      }
      return undefined;
    };
  },
};
