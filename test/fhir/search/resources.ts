/**
 * Resources of any R4 type made at random: every element may be there, each choice in any of its types, repeats included.
 * They are of the right shape and no more: codes and invariants are not looked after.
 * @module
 */
import model from 'fhirpath/fhir-context/r4';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';

type Entry = string | { readonly code: string };
const { path2Type, choiceTypePaths, path2Repeating, pathsDefinedElsewhere, type2Parent } = model as unknown as {
  readonly path2Type: Readonly<Record<string, Entry>>;
  readonly choiceTypePaths: Readonly<Record<string, readonly string[]>>;
  readonly path2Repeating: Readonly<Record<string, boolean>>;
  readonly pathsDefinedElsewhere: Readonly<Record<string, string>>;
  readonly type2Parent: Readonly<Record<string, string>>;
};

/** Owner (`Patient`, `Patient.contact`, `HumanName`) → names of its own elements. */
const children = new Map<string, string[]>();
for (const path of new Set([...Object.keys(path2Type), ...Object.keys(pathsDefinedElsewhere)])) {
  const dot = path.lastIndexOf('.');
  if (dot < 0) continue;
  const owner = path.slice(0, dot);
  const list = children.get(owner);
  if (list === undefined) children.set(owner, [path.slice(dot + 1)]);
  else list.push(path.slice(dot + 1));
}

/** `Observation.valueQuantity` → `Observation.value`. */
const choiceOf = new Map(Object.entries(choiceTypePaths).flatMap(([path, types]) => types.map(type => [path + type, path] as const)));

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomResource(type: string, random: () => number, density = 0.6): AnyResource {
  const pick = <T>(...list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = (): string =>
    pick(
      '2019',
      '2020-02',
      `20${two(10 + Math.floor(random() * 15))}-${two(1 + Math.floor(random() * 12))}-${two(1 + Math.floor(random() * 28))}`,
    );
  const instant = (): string =>
    `2021-${two(1 + Math.floor(random() * 12))}-11T0${Math.floor(random() * 10)}:30:00${pick('', '.250')}${pick('Z', '+09:00', '-05:00')}`;

  const primitive = (name: string): unknown => {
    switch (name) {
      case 'boolean':
        return random() < 0.5;
      case 'integer':
      case 'positiveInt':
      case 'unsignedInt':
        return 1 + Math.floor(random() * 9);
      case 'decimal':
        return Math.floor(random() * 1000) / 10;
      case 'date':
        return date();
      case 'dateTime':
        return pick(date, instant)();
      case 'instant':
        return instant();
      case 'time':
        return '08:30:00';
      case 'id':
        return pick('a', 'b', 'c');
      case 'uri':
      case 'url':
      case 'canonical':
        return pick('http://example.org/a', 'http://example.org/a|1.0', 'urn:uuid:0', 'Patient/a', 'Group/b');
      // Values that expressions ask for stand among the codes.
      case 'code':
        return pick('email', 'phone', 'composed-of', 'depends-on', 'derived-from', 'predecessor', 'successor', 'x');
      default:
        return pick('ax', 'Bx', 'c');
    }
  };

  const reference = (): Json =>
    pick<() => Json>(
      () => ({ reference: `${pick('Patient', 'Practitioner', 'Group', 'Location', 'Device', 'RelatedPerson')}/${pick('a', 'b')}` }),
      () => ({ reference: `http://example.org/fhir/Patient/${pick('a', 'b')}/_history/2` }),
      () => ({ reference: '#p', display: 'x' }),
      () => ({ type: pick('Patient', 'Practitioner'), identifier: { system: 'urn:s', value: 'v' } }),
      () => ({ reference: 'urn:uuid:4b6ef0e5-8a3c-4f0f-9e0a-000000000000' }),
    )();

  const made = (path: string, depth: number): unknown => {
    const entry = path2Type[path]!;
    const name = typeof entry === 'string' ? entry : entry.code;
    if (name === 'Reference') return reference();
    if (name === 'Resource') return { resourceType: pick('Patient', 'Composition', 'MessageHeader'), id: pick('a', 'b') };
    if (name === 'BackboneElement' || name === 'Element') return complex(path, depth);
    return /^[A-Z]/.test(name) && !name.startsWith('System.') ? complex(name, depth) : primitive(name);
  };

  function complex(owner: string, depth: number): Json {
    const out: Json = {};
    const chosen = new Map<string, string>();
    for (const [path, types] of Object.entries(choiceTypePaths)) if (path.startsWith(`${owner}.`)) chosen.set(path, path + pick(...types));
    for (let one: string | undefined = owner; one !== undefined; one = type2Parent[one]) {
      for (const name of children.get(one) ?? []) {
        if (
          name === 'id' ||
          name === 'contained' ||
          (name === 'text' && one === 'DomainResource') ||
          /^(extension|modifierExtension)$/.test(name) ||
          random() > density
        )
          continue;
        const path: string = `${one}.${name}`;
        const choice = choiceOf.get(path);
        if (choice !== undefined && chosen.get(choice) !== path) continue;
        const real = pathsDefinedElsewhere[path] ?? path;
        if (path2Type[real] === undefined || (depth > 5 && typeof path2Type[real] === 'string' && /^[A-Z]/.test(path2Type[real] as string)))
          continue;
        const values = Array.from({ length: path2Repeating[path] ? 1 + Math.floor(random() * 2) : 1 }, () => made(real, depth + 1));
        out[name] = path2Repeating[path] ? values : values[0];
      }
    }
    return out;
  }

  return {
    ...complex(type, 0),
    resourceType: type,
    id: pick('a', 'b', 'c'),
    contained: [{ resourceType: pick('Patient', 'Location'), id: 'p' }],
  };
}
