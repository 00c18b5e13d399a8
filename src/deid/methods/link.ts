/**
 * link: of all identifiers of a person one leaves, as a keyed hash: what joins these data to those of whoever was given the same key, and to nothing else.
 * 連結可能匿名加工医療情報: data that may be joined to the public data bases (Act, articles 31 and 32).
 * R4: https://hl7.org/fhir/R4/datatypes.html#Identifier
 * @module
 */
import { type Method, texts } from './method.ts';
import { textList, url } from './option.ts';

/** Options: `system` of the identifier that leaves; `from`, systems of the numbers that it may be made of (or their beginnings), in their order. */
export const link: Method = {
  types: ['Identifier'],
  options: { system: url, from: textList },
  list: true,
  mark: 'hashed',
  make: options => {
    const system = options['system'];
    if (typeof system !== 'string') throw new Error('"system" must be the URL of the identifier that leaves');
    const from = texts(options, 'from').map(text => text.toLowerCase().replace(/^https:/, 'http:'));
    return (_, { context }) => {
      if (context.keys.link === undefined) return undefined;
      for (const prefix of from) {
        const known = context.personKeys?.find(key => key.startsWith(prefix));
        if (known !== undefined) return [{ system, value: context.keys.link(known) }];
      }
      return undefined;
    };
  },
};
