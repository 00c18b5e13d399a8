/**
 * The specification's own definitions for profiles: the trees of R4's types, made from the table, and R4's profiles and extensions (r4-profiles.ndjson).
 * R4: https://hl7.org/fhir/R4/profilelist.html, https://hl7.org/fhir/R4/extensibility-registry.html
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { type Definition, leaf, type Node, type Structure, type TypeOf, unversioned } from './definition.ts';
import { isPrimitive } from './elements.ts';
import { primitives } from './primitives.ts';
import { type ElementRow, type TypeCode, type TypeRow, typePaths, typeRow } from './table.ts';

const prefix = 'http://hl7.org/fhir/StructureDefinition/';

/** The canonical of a type of R4. */
export const canonicalOf = (type: string): string => prefix + type;

/** The type of R4 that a canonical names, or undefined. */
export function typeNamed(canonical: string): string | undefined {
  const url = unversioned(canonical);
  if (!url.startsWith(prefix)) return undefined;
  const name = url.slice(prefix.length);
  return /^[A-Za-z][A-Za-z0-9]*$/.test(name) && isType(name) ? name : undefined;
}

let names: ReadonlySet<string> | undefined;
/** Whether R4 has a type of this name: a resource, a data type, a primitive. */
export function isType(name: string): boolean {
  names ??= new Set([...Object.keys(primitives), ...typePaths().filter(path => !path.includes('.'))]);
  return names.has(name);
}

const typeOf = ({ code, targets, simple }: TypeCode): TypeOf => ({
  code,
  ...(targets === undefined ? {} : { targetProfile: targets.map(canonicalOf) }),
  ...(simple === undefined ? {} : { profile: [canonicalOf('SimpleQuantity')] }),
});

function elementNode(row: TypeRow, element: ElementRow): Node {
  const path = `${row.path}.${element.name}`;
  const [only] = element.types;
  const isGroup = only?.code === path;
  const isElsewhere = !isGroup && only?.code.includes('.') === true;
  const definition: Definition = {
    path,
    min: element.required ? 1 : 0,
    max: element.array ? '*' : '1',
    ...(isElsewhere ? { contentReference: `#${only.code}` } : {}),
    ...(isGroup ? { type: [{ code: /^[A-Z]\w+$/.test(path.split('.')[0]!) && isResource(path) ? 'BackboneElement' : 'Element' }] } : {}),
    ...(isGroup || isElsewhere ? {} : { type: element.types.map(typeOf) }),
    ...(element.valueSet === undefined ? {} : { binding: { strength: 'required', valueSet: element.valueSet } }),
  };
  const node = leaf(definition, element.name);
  if (isGroup) node.children.push(...typeRow(path)!.elements.map(one => elementNode(typeRow(path)!, one)));
  return node;
}

const isResource = (path: string): boolean => typeRow(path.split('.')[0]!)?.kind === 'resource';

const trees = new Map<string, Node | undefined>();

/** The tree of a type of R4, shared: copy it before you change it. Invariants of the types are not in it; the base validation holds them. */
export function typeTree(type: string): Node | undefined {
  if (!trees.has(type)) {
    const row = isPrimitive(type) ? typeRow('Element') : isType(type) ? typeRow(type) : undefined;
    const root = row && isType(type) ? leaf({ path: type, min: 0, max: '*' }, type) : undefined;
    root?.children.push(
      ...row!.elements.map(element => elementNode({ ...row!, path: isPrimitive(type) ? 'Element' : row!.path }, element)),
    );
    trees.set(type, root);
  }
  return trees.get(type);
}

let rules: ReadonlySet<string> | undefined;
/** Held by every validator without a row of their own, or of severity warning. */
const unlisted = ['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'dom-6', 'ref-1', 'txt-1', 'txt-2'];

/** Whether an invariant of this key is R4's own: the base validation holds it. */
export function isOwnRule(key: string): boolean {
  if (rules === undefined) {
    const keys = new Set(unlisted);
    for (const path of typePaths()) {
      const row = typeRow(path)!;
      for (const rule of [...(row.rules ?? []), ...row.elements.flatMap(one => one.rules ?? [])]) keys.add(rule.key);
    }
    rules = keys;
  }
  return rules.has(key);
}

let lines: ReadonlyMap<string, string> | undefined;

const ours = /^https:\/\/noren\.example\/fhir\/StructureDefinition\/([a-z-]+)$/;

/** One of this server's own (profiles/), or undefined. */
function servedStructure(canonical: string): Structure | undefined {
  const name = ours.exec(canonical)?.[1];
  const file = name && new URL(`../../../profiles/StructureDefinition-${name}.json`, import.meta.url);
  return file && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Structure) : undefined;
}

/** One of R4's profiles or extensions, or of this server's, by its canonical, or undefined. */
export function ownStructure(canonical: string): Structure | undefined {
  lines ??= new Map(
    readFileSync(new URL('./r4-profiles.ndjson', import.meta.url), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => [/^\{"resourceType":"StructureDefinition","url":"([^"]+)"/.exec(line)![1]!, line]),
  );
  const [url, version] = canonical.split('|');
  const line = lines.get(url!);
  if (line === undefined) return servedStructure(canonical);
  return version === undefined || version === '4.0.1' ? (JSON.parse(line) as Structure) : undefined;
}
