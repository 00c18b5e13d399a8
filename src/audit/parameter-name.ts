/**
 * Names of query parameters as the log may hold them: made of R4's own words alone. A name is typed by a client like a value is,
 * and `?Yamada=` must not get where `?name=Yamada` may not.
 * R4: https://hl7.org/fhir/R4/searchparameter-registry.html, https://hl7.org/fhir/R4/search.html#modifiers
 * @module
 */
import { resourceTypes } from '../fhir/model/r4.ts';
import { searchParameters, withoutExpression } from '../fhir/search/parameters.ts';

/** What is no search parameter of a type: what shapes an answer, modifiers, parameters of this server's own. */
const others =
  `_sort _count _include _revinclude _summary _total _elements _contained _containedType _format _pretty _has _filter _list _type _since _at
  _query _page _position missing exact contains not text in not-in below above type identifier of-type otype iterate recurse code-text text-advanced
  agent-role outcome access_token`.split(/\s+/);

let words: ReadonlySet<string> | undefined;
const wordsOfR4 = (): ReadonlySet<string> =>
  (words ??= new Set([
    ...others,
    ...withoutExpression,
    ...resourceTypes,
    ...resourceTypes.flatMap(type => [...searchParameters(type).keys()]),
  ]));

/** Longest name that means something: a chain below a `_has`. */
const longest = 200;

/** The name, if nothing but R4 speaks in it: `birthdate`, `subject:Patient.name`, `_has:Observation:patient:code`. */
export const parameterNameOf = (name: string): string | undefined =>
  name.length <= longest && name.split(/[.:]/).every(word => wordsOfR4().has(word)) ? name : undefined;
