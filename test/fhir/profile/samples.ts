/** Elements of R4 types made from the table: of the right shapes, with what is required, and any of the rest there or not. */
import fc from 'fast-check';
import { type Element, elementsOf } from '../../../src/fhir/profile/elements.ts';
import { valueSetCodes } from '../../../src/fhir/profile/table.ts';

const primitive = (element: Element): fc.Arbitrary<unknown> => {
  const codes = element.valueSet === undefined ? undefined : valueSetCodes(element.valueSet);
  if (codes !== undefined) return fc.constantFrom(...Object.values(codes).flat());
  switch (element.type) {
    case 'boolean':
      return fc.boolean();
    case 'decimal':
      return fc.constantFrom(0, 1, 2.5, -3, 101);
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
      return fc.integer({ min: element.type === 'positiveInt' ? 1 : 0, max: 3 });
    case 'date':
    case 'dateTime':
      return fc.constantFrom('2020-01-01', '2020-01-02', '2021-05-05');
    case 'instant':
      return fc.constantFrom('2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z');
    case 'time':
      return fc.constant('12:00:00');
    case 'uri':
    case 'url':
    case 'canonical':
      return fc.constantFrom('http://unitsofmeasure.org', 'http://hl7.org/fhir/StructureDefinition/x', 'urn:a', 'http://a.example');
    case 'code':
      return fc.constantFrom('a', '1', '%', 'Reference', 'code', 'Patient', 'entered-in-error', 'resolved');
    case 'base64Binary':
      return fc.constant('AAAA');
    default:
      return fc.constantFrom('a', 'b', '*', '1', 'Patient', 'Patient.name');
  }
};

/** Any element of a type or group; `depth` levels of its children. */
export function anyElement(typeOrPath: string, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const parts: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, element] of elementsOf(typeOrPath)) {
    if (['extension', 'modifierExtension', 'contained', 'meta', 'text', 'language', 'implicitRules'].includes(name)) continue;
    if (!element.primitive && (depth === 0 || element.type === 'Resource')) continue;
    const one = element.primitive ? primitive(element) : anyElement(element.type, depth - 1);
    parts[name] = element.array ? fc.array(one, { minLength: 1, maxLength: 3 }) : one;
  }
  const groups = new Map<string, string[]>();
  for (const [name, element] of elementsOf(typeOrPath)) groups.set(element.path, [...(groups.get(element.path) ?? []), name]);
  const requiredKeys = Object.keys(parts).filter(
    name => elementsOf(typeOrPath).get(name)!.required && !elementsOf(typeOrPath).get(name)!.choice,
  );
  return fc.record(parts, { requiredKeys }).map(made => {
    // Of a choice only one may be there.
    for (const names of groups.values()) {
      const there = names.filter(name => made[name] !== undefined);
      for (const name of there.slice(1)) delete made[name];
    }
    return made;
  });
}
