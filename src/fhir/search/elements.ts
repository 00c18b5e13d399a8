/**
 * Which element has which type: the one table that the compiled extractors are made from.
 * It is the FHIRPath engine's own model of R4, so both agree by construction; nothing of it is used once an extractor is compiled.
 * R4: https://hl7.org/fhir/R4/elementdefinition.html
 * @module
 */
import model from 'fhirpath/fhir-context/r4';

type TypeEntry = string | { readonly code: string };

const { path2Type, choiceTypePaths, pathsDefinedElsewhere, type2Parent } = model as unknown as {
  readonly path2Type: Readonly<Record<string, TypeEntry>>;
  readonly choiceTypePaths: Readonly<Record<string, readonly string[]>>;
  readonly pathsDefinedElsewhere: Readonly<Record<string, string>>;
  readonly type2Parent: Readonly<Record<string, string>>;
};

/** A JSON property and the type of what stands in it; a backbone element's type is its path (`Observation.component`). */
export interface Element {
  readonly key: string;
  readonly type: string;
}

const at = (path: string, key: string): Element | undefined => {
  const entry = path2Type[path];
  if (entry === undefined) return undefined;
  const type = typeof entry === 'string' ? entry : entry.code;
  return { key, type: type === 'BackboneElement' || type === 'Element' ? path : type.replace(/^System\.String$/, 'string') };
};

/** What `name` may be below a type or backbone path: one element, each type of a choice (`value` → valueQuantity …), or nothing. */
export function elementsOf(type: string, name: string): readonly Element[] {
  for (let owner: string | undefined = type; owner !== undefined; owner = type2Parent[owner]) {
    const path = pathsDefinedElsewhere[`${owner}.${name}`] ?? `${owner}.${name}`;
    const choices = choiceTypePaths[path];
    if (choices !== undefined) return choices.flatMap(suffix => at(path + suffix, name + suffix) ?? []);
    const one = at(path, name);
    if (one !== undefined) return [one];
  }
  return [];
}

/** Whether a type is another one or derived from it. FHIR's own definitions write primitives both ways: DateTime, dateTime. */
export function isOfType(type: string, wanted: string): boolean {
  for (let one: string | undefined = type; one !== undefined; one = type2Parent[one]) {
    if (one === wanted || (/^[a-z]/.test(one) && one.toLowerCase() === wanted.toLowerCase())) return true;
  }
  return false;
}
