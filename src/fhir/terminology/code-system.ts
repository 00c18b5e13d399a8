/**
 * A CodeSystem as it is worked with: a table of its concepts, each with its parents and children, whether told by nesting or by properties.
 * R4: https://hl7.org/fhir/R4/codesystem.html, https://hl7.org/fhir/R4/codesystem-concept-properties.html
 * @module
 */
import type { CodeSystem, CodeSystemConcept, CodeSystemConceptDesignation } from '@medplum/fhirtypes';
import type { Json } from '../model/r4.ts';

export interface Property {
  readonly code: string;
  /** As text, to compare: of a Coding the code. */
  readonly text: string;
  /** `valueCode`, `valueCoding` … */
  readonly choice: string;
  readonly value: unknown;
}

export interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  readonly designations: readonly CodeSystemConceptDesignation[];
  readonly properties: readonly Property[];
  readonly parents: readonly Concept[];
  readonly children: readonly Concept[];
  /** Only there to group others. */
  readonly isAbstract: boolean;
  /** No longer, or not yet, to be used. */
  readonly isInactive: boolean;
}

export interface System {
  readonly url: string;
  readonly version?: string;
  readonly name: string;
  readonly language?: string;
  /** `complete`: what is not here is no code of the system. */
  readonly content: CodeSystem['content'];
  /** Whether a child is a kind of its parent. */
  readonly hasSubsumption: boolean;
  /** In the order of the definition, parents before what is nested in them. */
  readonly concepts: readonly Concept[];
  /** Names by which its properties may be asked for: code or uri → code. */
  readonly properties: ReadonlyMap<string, string>;
  /** Case counts only where the system says so or says nothing. */
  readonly find: (code: string) => Concept | undefined;
}

type Draft = { -readonly [element in keyof Concept]: Concept[element] } & { parents: Concept[]; children: Concept[] };

const standard = 'http://hl7.org/fhir/concept-properties#';

/** A child of these hierarchies is a kind of its parent; of groupings and parts nothing can be assumed. */
const subsuming: ReadonlySet<string | undefined> = new Set([undefined, 'is-a', 'classified-with']);

function propertyOf(json: Json): Property {
  const choice = Object.keys(json).find(key => key.startsWith('value')) ?? 'value';
  const value = json[choice];
  const text = choice === 'valueCoding' ? String((value as Json)['code'] ?? '') : String(value ?? '');
  return { code: String(json['code']), text, choice, value };
}

/** Compiles a valid CodeSystem. Of a code that is there twice the first counts. */
export function compileSystem(resource: CodeSystem): System {
  const declared = resource.property ?? [];
  const properties = new Map<string, string>();
  for (const { code, uri } of declared) {
    properties.set(code!, code!);
    if (uri !== undefined) properties.set(uri, code!);
  }
  /** Codes of the properties that mean what the specification calls by this name. */
  const meaning = (name: string) => new Set([name, ...declared.filter(one => one.uri === standard + name).map(one => one.code!)]);
  const [parent, child, inactive, status] = ['parent', 'child', 'inactive', 'status'].map(meaning) as [
    Set<string>,
    Set<string>,
    Set<string>,
    Set<string>,
  ];
  const notSelectable = new Set([...meaning('notSelectable'), 'abstract']);
  const isTrue = (list: readonly Property[], names: ReadonlySet<string>) =>
    list.some(({ code, text }) => names.has(code) && text === 'true');

  const concepts: Draft[] = [];
  const byCode = new Map<string, Draft>();
  const ignoresCase = resource.caseSensitive === false;
  const fold = (code: string) => (ignoresCase ? code.toLowerCase() : code);
  const add = (list: readonly CodeSystemConcept[], above: Draft | undefined): void => {
    for (const { code, display, definition, designation = [], property = [], concept = [] } of list) {
      const own = property.map(one => propertyOf(one as unknown as Json));
      for (const one of own) if (!properties.has(one.code)) properties.set(one.code, one.code);
      const draft: Draft = {
        code: code!,
        ...(display === undefined ? {} : { display }),
        ...(definition === undefined ? {} : { definition }),
        designations: designation,
        properties: own,
        parents: [],
        children: [],
        isAbstract: isTrue(own, notSelectable),
        isInactive: isTrue(own, inactive) || own.some(one => status.has(one.code) && (one.text === 'retired' || one.text === 'inactive')),
      };
      const known = byCode.get(fold(code!));
      if (known === undefined) {
        concepts.push(draft);
        byCode.set(fold(code!), draft);
      }
      const here = known ?? draft;
      if (above !== undefined) link(above, here);
      add(concept, here);
    }
  };
  add(resource.concept ?? [], undefined);
  for (const concept of concepts)
    for (const { code, text } of concept.properties) {
      const other = parent.has(code) || child.has(code) ? byCode.get(fold(text)) : undefined;
      if (other !== undefined) parent.has(code) ? link(other, concept) : link(concept, other);
    }
  return {
    url: resource.url ?? '',
    ...(resource.version === undefined ? {} : { version: resource.version }),
    name: resource.title ?? resource.name ?? resource.url ?? '',
    ...(resource.language === undefined ? {} : { language: resource.language }),
    content: resource.content,
    hasSubsumption: subsuming.has(resource.hierarchyMeaning),
    concepts,
    properties,
    find: code => byCode.get(fold(code)),
  };
}

function link(parent: Draft, child: Draft): void {
  if (parent === child || child.parents.includes(parent)) return;
  parent.children.push(child);
  child.parents.push(parent);
}

/** The concept itself and all below or above it, by the kinds of things that they are: rings end where they began. */
export function related({ hasSubsumption }: System, concept: Concept, direction: 'below' | 'above'): ReadonlySet<Concept> {
  const found = new Set([concept]);
  // A set gives what is added to it while it is gone through.
  if (hasSubsumption) for (const one of found) for (const next of direction === 'below' ? one.children : one.parents) found.add(next);
  return found;
}

/** How A stands to B. R4: https://hl7.org/fhir/R4/codesystem-operation-subsumes.html */
export function subsumption(system: System, a: Concept, b: Concept): 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed' {
  if (a === b) return 'equivalent';
  if (related(system, b, 'above').has(a)) return 'subsumes';
  return related(system, a, 'above').has(b) ? 'subsumed-by' : 'not-subsumed';
}
