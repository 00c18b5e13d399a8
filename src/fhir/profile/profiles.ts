/**
 * Resources against the profiles that they name or that are asked for; and StructureDefinitions that are to be stored, whether they can be used.
 * All work on one resource has a deadline: what a profile says was written by somebody.
 * R4: https://hl7.org/fhir/R4/profiling.html, https://hl7.org/fhir/R4/resource.html#Meta.profile
 * @module
 */
import { withDeadline } from '../model/deadline.ts';
import { type Finding, Problem } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import { type Bound, Conformance, codingsOf, isInOwn } from './conformance.ts';
import { type Definition, isStructure, mostElements, type Node, treeOf } from './definition.ts';
import { stepsIn } from './discriminators.ts';
import { refusalOf } from './expression.ts';
import { isObject } from './findings.ts';
import { hasElement, type Item, resourceItem } from './items.ts';
import { isProfile, Library, type Source } from './library.ts';
import { generate } from './snapshot.ts';

/** What profiles ask of terminology; structurally `fhir/terminology`'s Terminology. */
export interface Codes {
  /** Every code of a value set; undefined: not known here. Throws Problem too-costly. */
  codesIn(valueSet: string): Promise<ReadonlyMap<string, ReadonlySet<string>> | undefined>;
  /** Whether a coding is in a value set; undefined: cannot be said here. */
  validateCode(valueSet: string, coding: { system?: string; code: string; display?: string }): Promise<boolean | undefined>;
}

export interface ProfileParts {
  readonly source: Source;
  /** Without it, value sets that the specification lists for required bindings are all that is known. */
  readonly terminology?: Codes;
  /** Milliseconds. */
  readonly now: () => number;
  readonly baseUrl?: string;
}

/** Milliseconds that several resources share. */
export interface Budget {
  ms: number;
}

export interface Profiles {
  /** Whether a resource, or one inside it, names a profile, or is a definition itself: only then there is anything to wait for. */
  readonly concerns: (resource: AnyResource) => boolean;
  /** What is wrong with a resource by the profiles that it and those inside it name, and by those asked for. Warnings are among it. */
  readonly check: (resource: AnyResource, asked?: readonly string[], budget?: Budget) => Promise<readonly Finding[]>;
  /** Why a StructureDefinition cannot be used. @param beside others that come with it */
  readonly checkDefinition: (resource: AnyResource, beside?: readonly AnyResource[]) => Promise<readonly Finding[]>;
  /** A StructureDefinition was stored or deleted. */
  readonly changed: () => void;
}

/** For one resource; it takes well under 10 as a rule. */
const resourceMs = 500;
/** For all expressions of one definition. */
const definitionMs = 1_000;
const mostExtensions = 2_000;
const mostBound = 5_000;

/** A resource with what stands around it. */
interface Inside {
  readonly resource: AnyResource;
  readonly place: string;
  readonly container?: AnyResource;
  readonly bundle?: AnyResource;
}

const isResource = (value: unknown): value is AnyResource => isObject(value) && typeof value['resourceType'] === 'string';
const objectsIn = (list: unknown): [Json, number][] =>
  Array.isArray(list) ? list.flatMap((one: unknown, i) => (isObject(one) ? [[one, i] as [Json, number]] : [])) : [];

/** A resource and all inside it: contained, of entries, of parameters. */
function* resourcesIn(inside: Inside): Generator<Inside> {
  yield inside;
  const { resource, place, container, bundle } = inside;
  if (container === undefined)
    for (const [one, i] of objectsIn(resource['contained']))
      if (isResource(one)) yield { resource: one, place: `${place}.contained[${i}]`, container: resource, ...(bundle ? { bundle } : {}) };
  if (resource.resourceType === 'Bundle')
    for (const [entry, i] of objectsIn(resource['entry']))
      if (isResource(entry['resource']))
        yield* resourcesIn({ resource: entry['resource'], place: `${place}.entry[${i}].resource`, bundle: resource });
  if (resource.resourceType === 'Parameters') yield* inParameters(resource['parameter'], `${place}.parameter`);
}

function* inParameters(list: unknown, place: string): Generator<Inside> {
  for (const [one, i] of objectsIn(list)) {
    if (isResource(one['resource'])) yield* resourcesIn({ resource: one['resource'], place: `${place}[${i}].resource` });
    yield* inParameters(one['part'], `${place}[${i}].part`);
  }
}

const claimed = ({ meta }: AnyResource): readonly string[] => {
  const list = isObject(meta) ? meta['profile'] : undefined;
  return Array.isArray(list) ? list.filter(one => typeof one === 'string') : [];
};

/** Extensions in a resource, those of resources inside it apart. */
function extensionsIn(resource: AnyResource, place: string): Item[] {
  const items: Item[] = [];
  const visit = (value: unknown, at: string): void => {
    if (items.length >= mostExtensions) return;
    if (Array.isArray(value)) for (const [i, one] of value.entries()) visit(one, `${at}[${i}]`);
    else if (isObject(value) && (value === resource || value['resourceType'] === undefined)) {
      for (const [key, one] of Object.entries(value)) {
        // What stands beside a primitive has its place.
        const inner = `${at}.${key.startsWith('_') ? key.slice(1) : key}`;
        if (key === 'extension' || key === 'modifierExtension')
          for (const [extension, i] of objectsIn(one))
            items.push({ value: extension, type: 'Extension', path: 'Extension', place: `${inner}[${i}]` });
        visit(one, inner);
      }
    }
  };
  visit(resource, place);
  return items;
}

const absolute = (url: unknown): url is string => typeof url === 'string' && url.includes(':');

export function createProfiles({ source, terminology, now, baseUrl }: ProfileParts): Profiles {
  const library = new Library(source, now);

  async function codesFor(profiles: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>> {
    const known = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
    if (terminology === undefined) return known;
    for (const valueSet of library.valueSets(profiles)) {
      const codes = await unlessProblem(() => terminology.codesIn(valueSet));
      if (codes !== undefined) known.set(valueSet, codes);
    }
    return known;
  }

  async function isIn({ item, valueSet }: Bound, memo: Map<string, boolean | undefined>): Promise<boolean | undefined> {
    const codings = codingsOf(item);
    if (terminology === undefined || codings.length === 0) return codings.length === 0 ? false : isInOwn(item, valueSet);
    let result: boolean | undefined = false;
    for (const coding of codings) {
      const key = JSON.stringify([valueSet, coding.system, coding.code]);
      if (!memo.has(key)) memo.set(key, await unlessProblem(() => terminology.validateCode(valueSet, { ...coding })));
      const answer = memo.get(key);
      if (answer === true) return true;
      if (answer === undefined) result = undefined;
    }
    return result ?? isInOwn(item, valueSet);
  }

  async function boundFindings(bound: readonly Bound[]): Promise<Finding[]> {
    const findings: Finding[] = [];
    const memo = new Map<string, boolean | undefined>();
    for (const one of bound.slice(0, mostBound)) {
      const { item, strength, path, profile } = one;
      // Words instead of a code are what an extensible binding leaves room for.
      if (strength === 'extensible' && codingsOf(item).length === 0) continue;
      if ((await isIn(one, memo)) !== false) continue;
      const text = `${path} has no code of the value set that it is bound to (profile ${profile}).`;
      findings.push({
        kind: 'code-invalid',
        text,
        expression: item.place,
        ...(strength === 'required' ? {} : { severity: 'warning' as const }),
      });
    }
    return findings;
  }

  async function check(
    resource: AnyResource,
    asked: readonly string[] = [],
    budget: Budget = { ms: resourceMs },
  ): Promise<readonly Finding[]> {
    const all = [...resourcesIn({ resource, place: resource.resourceType })].map(inside => ({
      ...inside,
      profiles: [...new Set([...(inside.resource === resource ? asked : []), ...claimed(inside.resource)])],
    }));
    const extensions = all.flatMap(inside => extensionsIn(inside.resource, inside.place).map(item => ({ item, inside })));
    const urls = [...new Set(extensions.map(({ item }) => (item.value as Json)['url']).filter(absolute))];
    const names = [...new Set(all.flatMap(({ profiles }) => profiles))];
    await library.open(names);
    await library.open(urls);
    const codes = await codesFor([...names, ...urls]);
    // Opening others may have taken so long that the first went stale and were dropped.
    const trees = new Map([...names, ...urls].map(one => [one, library.tree(one)] as const));
    const ground = { treeOf: (one: string) => trees.get(one) ?? library.tree(one), codesIn: (valueSet: string) => codes.get(valueSet) };

    const findings: Finding[] = [];
    const bound: Bound[] = [];
    const start = performance.now();
    try {
      if (budget.ms <= 0) throw new Problem('too-costly');
      withDeadline(Math.min(resourceMs, budget.ms), () => {
        for (const inside of all) {
          const item = resourceItem(inside.resource, inside.place);
          const conformance = new Conformance(inside.resource, ground, { ...inside, base: baseUrl ?? '' });
          for (const profile of inside.profiles) {
            const tree = ground.treeOf(profile);
            if (tree !== undefined) conformance.check(item, tree, profile);
            else if (asked.includes(profile) && inside.resource === resource)
              findings.push({ kind: 'not-found', text: 'The profile that is asked for is not known here.', expression: inside.place });
            else
              findings.push({
                kind: 'not-found',
                text: 'A profile that the resource names is not known here.',
                expression: `${inside.place}.meta.profile`,
                severity: 'information',
              });
          }
          for (const { item: extension } of extensions.filter(one => one.inside === inside)) {
            const url = (extension.value as Json)['url'];
            const tree = absolute(url) ? ground.treeOf(url) : undefined;
            if (tree?.name === 'Extension') conformance.check(extension, tree, String(url));
          }
          findings.push(...conformance.findings);
          bound.push(...conformance.bound);
        }
      });
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      const text = 'Holding the resource against its profiles would need more work than one request may ask for.';
      return [{ kind: 'too-costly', text, expression: resource.resourceType }];
    } finally {
      budget.ms -= performance.now() - start;
    }
    return once([...findings, ...(await boundFindings(bound))]);
  }

  async function checkDefinition(resource: AnyResource, beside: readonly AnyResource[] = []): Promise<readonly Finding[]> {
    if (!isStructure(resource) || !isProfile(resource)) return [];
    const { snapshot, differential, baseDefinition = '' } = resource;
    const findings: Finding[] = [];
    for (const [name, list] of [
      ['differential', differential?.element ?? []],
      ['snapshot', snapshot?.element ?? []],
    ] as const) {
      if (list.length > mostElements)
        return [
          {
            kind: 'too-costly',
            text: 'The definition has more elements than this server takes.',
            expression: `StructureDefinition.${name}`,
          },
        ];
      findings.push(...expressionFindings(list, `StructureDefinition.${name}`));
    }
    const own = new Library(async canonical => {
      const [url, version] = canonical.split('|');
      return (
        beside.find(one => one['url'] === url && (version === undefined || one['version'] === version) && one !== resource) ??
        (await source(canonical))
      );
    }, now);
    const trail = new Set([resource.url]);
    const base = await own.below(baseDefinition, trail);
    const hasSnapshot = snapshot !== undefined && snapshot.element.length > 0;
    if (hasSnapshot) findings.push(...strangersIn(snapshot.element, resource.type));
    if (base === undefined) {
      if (!hasSnapshot)
        findings.push({
          kind: 'business-rule',
          text: 'The baseDefinition is not known here: send it before, or in the same transaction.',
          expression: 'StructureDefinition.baseDefinition',
        });
    } else if (base.name !== resource.type) {
      findings.push({ kind: 'business-rule', text: 'The baseDefinition is for another type.', expression: 'StructureDefinition.type' });
    } else if (!hasSnapshot) findings.push(...(await generate(resource, base, one => own.below(one, trail))).findings);
    return once(findings);
  }

  return {
    concerns: resource => {
      if (resource.resourceType === 'StructureDefinition') return true;
      for (const inside of resourcesIn({ resource, place: '' })) if (claimed(inside.resource).length > 0) return true;
      return false;
    },
    check,
    checkDefinition,
    changed: library.changed,
  };
}

/** Invariants that cannot be evaluated, discriminators that cannot be followed. */
function expressionFindings(elements: readonly Definition[], place: string): Finding[] {
  const findings: Finding[] = [];
  const add = (text: string, expression: string) => findings.push({ kind: 'business-rule', text, expression });
  const memo = new Map<string, string | undefined>();
  try {
    withDeadline(definitionMs, () => {
      for (const [i, { constraint = [], slicing }] of elements.entries()) {
        for (const [j, { expression }] of constraint.entries()) {
          if (expression === undefined) continue;
          if (!memo.has(expression)) memo.set(expression, refusalOf(expression));
          const refusal = memo.get(expression);
          if (refusal !== undefined)
            add(`The expression of an invariant ${refusal}.`, `${place}.element[${i}].constraint[${j}].expression`);
        }
        for (const [j, { path }] of (slicing?.discriminator ?? []).entries())
          if (stepsIn(path) === undefined)
            add('The path of a discriminator is none that R4 allows.', `${place}.element[${i}].slicing.discriminator[${j}].path`);
      }
    });
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    findings.push({ kind: 'too-costly', text: 'The expressions of the definition take too long to read.', expression: place });
  }
  return findings;
}

/** Elements of a snapshot that its type does not have. */
function strangersIn(elements: readonly Definition[], type: string): Finding[] {
  const root = treeOf(elements);
  const findings: Finding[] = [];
  const at = (definition: Definition) => `StructureDefinition.snapshot.element[${Math.max(0, elements.indexOf(definition))}]`;
  const visit = (node: Node, inType: string): void => {
    for (const child of node.children) {
      if (!hasElement(inType, child.name)) {
        findings.push({
          kind: 'business-rule',
          text: 'The snapshot has an element that its type does not have.',
          expression: at(child.definition),
        });
        continue;
      }
      for (const one of [child, ...child.slices]) {
        const codes = new Set(one.definition.type?.map(({ code }) => code));
        const [code] = codes;
        const group = `${inType}.${child.name}`;
        const inner = code === 'BackboneElement' || code === 'Element' ? group : code;
        if (codes.size === 1 && inner !== undefined && /^[A-Za-z.]+$/.test(inner)) visit(one, inner);
      }
    }
  };
  if (root?.name !== type)
    findings.push({
      kind: 'business-rule',
      text: 'The snapshot does not begin with the type of the definition.',
      expression: 'StructureDefinition.snapshot',
    });
  else visit(root, type);
  return findings;
}

/** What terminology cannot say, it does not say. */
async function unlessProblem<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
}

/** Each finding once, though several profiles led to it. */
function once(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ kind, text, expression }) => {
    const key = JSON.stringify([kind, text, expression]);
    return !seen.has(key) && seen.add(key);
  });
}
