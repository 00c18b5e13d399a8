/**
 * Profiles by their canonicals: stored ones, then the specification's own; each made into a tree once, and again when what is stored has changed.
 * R4: https://hl7.org/fhir/R4/structuredefinition.html, https://hl7.org/fhir/R4/references.html#canonical
 * @module
 */
import { withDeadline } from '../model/deadline.ts';
import { Problem } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import { isStructure, type Node, type Structure, treeOf } from './definition.ts';
import { judge, load } from './expression.ts';
import { generate } from './snapshot.ts';
import { isOwnRule, isType, ownStructure, typeNamed, typeTree } from './specification.ts';

/** The stored definition of a canonical (`url` or `url|version`), or undefined. */
export type Source = (canonical: string) => Promise<AnyResource | undefined>;

interface Entry {
  /** Of what is stored; '' where it is not stored. */
  readonly version: string;
  /** Undefined: not known here, or nothing that a resource can be held against. */
  readonly tree: Node | undefined;
  /** Profiles that it names, for types and targets. */
  readonly needs: readonly string[];
  /** Value sets that its slices may be told apart by. */
  readonly valueSets: readonly string[];
  /** Holding a resource against it takes time in line with the resource: nobody has to watch it. */
  readonly isLinear: boolean;
  /** When that was so, in milliseconds. */
  at: number;
}

/** For so long what another process has stored may go unseen. */
const freshMs = 1_000;
/** Profiles that one may lead to, and how far down a chain of bases goes. */
const mostProfiles = 1_000;
const longestChain = 40;
const mostEntries = 10_000;

const versionOf = (resource: AnyResource | undefined): string =>
  resource === undefined ? '' : `${resource.id ?? ''}/${String(resource.meta?.['versionId'] ?? '')}`;

/** Whether resources can be held against a definition: it constrains a type of R4. */
export const isProfile = ({ derivation, kind, type }: Structure): boolean =>
  derivation === 'constraint' && kind !== 'logical' && isType(type);

function namedIn(root: Node): { needs: string[]; valueSets: string[] } {
  const needs = new Set<string>();
  const valueSets = new Set<string>();
  const visit = ({ definition: { type = [], binding }, children, slices }: Node, inSlice: boolean): void => {
    for (const { profile = [], targetProfile = [] } of type)
      for (const one of [...profile, ...targetProfile]) if (typeNamed(one) === undefined) needs.add(one);
    if (inSlice && binding?.strength === 'required' && binding.valueSet !== undefined) valueSets.add(binding.valueSet);
    for (const child of children) visit(child, inSlice);
    for (const slice of slices) visit(slice, true);
  };
  visit(root, false);
  return { needs: [...needs], valueSets: [...valueSets] };
}

/** Slices and elements that every part of a resource may be held against without anybody watching. */
const fewElements = 300;
/** For reading the expressions of one profile. */
const readMs = 1_000;

/** Whether all that a profile asks takes time in line with the resource. */
function isLinearTree(root: Node): boolean {
  let elements = 0;
  const expressions = new Set<string>();
  const visit = ({ definition: { constraint = [] }, children, slices }: Node): void => {
    elements++;
    for (const one of constraint) if (one.expression !== undefined && !isOwnRule(one.key)) expressions.add(one.expression);
    for (const inner of [...children, ...slices]) visit(inner);
  };
  visit(root);
  if (expressions.size > 0) load();
  if (elements > fewElements) return false;
  try {
    return expressions.size === 0 || withDeadline(readMs, () => [...expressions].every(one => judge(one).isLinear));
  } catch (thrown) {
    if (thrown instanceof Problem) return false;
    throw thrown;
  }
}

const typeTreeOf = (canonical: string): Node | undefined => {
  const type = typeNamed(canonical);
  return type === undefined ? undefined : typeTree(type);
};

/** Profiles that were opened together, with all that they lead to. */
export class Opened {
  private readonly entries: ReadonlyMap<string, Entry>;

  constructor(entries: ReadonlyMap<string, Entry>) {
    this.entries = entries;
  }

  readonly tree = (canonical: string): Node | undefined => typeTreeOf(canonical) ?? this.entries.get(canonical)?.tree;

  /** Value sets that slices may be told apart by. */
  get valueSets(): ReadonlySet<string> {
    return new Set([...this.entries.values()].flatMap(one => one.valueSets));
  }

  /** Whether nobody has to watch a resource being held against them. */
  get isLinear(): boolean {
    return [...this.entries.values()].every(one => one.isLinear);
  }
}

export class Library {
  private readonly source: Source;
  private readonly now: () => number;
  private entries = new Map<string, Entry>();
  /** Profile → all that it leads to, and when that was so. */
  private closures = new Map<string, { readonly at: number; readonly all: ReadonlyMap<string, Entry> }>();

  constructor(source: Source, now: () => number) {
    this.source = source;
    this.now = now;
  }

  /** What is stored has changed. */
  readonly changed = (): void => {
    this.entries = new Map();
    this.closures = new Map();
  };

  /** These profiles and all they lead to, as they are now; what changes afterwards changes nothing in it. */
  async open(canonicals: readonly string[]): Promise<Opened> {
    if (this.entries.size > mostEntries) this.changed();
    const opened = new Map<string, Entry>();
    for (const canonical of canonicals) {
      const { closures } = this;
      let closure = closures.get(canonical);
      if (closure === undefined || this.now() - closure.at >= freshMs) {
        const at = this.now();
        const all = new Map<string, Entry>();
        const waiting = [canonical];
        for (const one of waiting) {
          if (all.has(one)) continue;
          if (all.size >= mostProfiles) break;
          const entry = await this.entry(one, new Set());
          all.set(one, entry);
          waiting.push(...entry.needs);
        }
        closure = { at, all };
        closures.set(canonical, closure);
      }
      for (const [one, entry] of closure.all) opened.set(one, entry);
    }
    return new Opened(opened);
  }

  private async entry(canonical: string, trail: ReadonlySet<string>): Promise<Entry> {
    const before = this.entries.get(canonical);
    if (before !== undefined && this.now() - before.at < freshMs) return before;
    const at = this.now();
    let { entries } = this;
    const stored = typeNamed(canonical) === undefined ? await this.source(canonical) : undefined;
    const version = versionOf(stored);
    if (before !== undefined && before.version === version) {
      before.at = at;
      return before;
    }
    // What was made from it goes too.
    if (before !== undefined && entries === this.entries) {
      this.changed();
      entries = this.entries;
    }
    const structure = stored !== undefined && isStructure(stored) ? stored : ownStructure(canonical);
    const tree = structure === undefined ? typeTreeOf(canonical) : await this.made(structure, new Set([...trail, canonical]));
    const { needs, valueSets } = tree === undefined || structure === undefined ? { needs: [], valueSets: [] } : namedIn(tree);
    const isLinear = tree === undefined || structure === undefined || isLinearTree(tree);
    const entry: Entry = { version, tree, needs, valueSets, isLinear, at };
    // Undefined in the midst of a circle says nothing of it for others.
    if (trail.size === 0 || tree !== undefined) entries.set(canonical, entry);
    return entry;
  }

  private async made(structure: Structure, trail: ReadonlySet<string>): Promise<Node | undefined> {
    if (!isProfile(structure)) return undefined;
    const { snapshot } = structure;
    if (snapshot !== undefined && snapshot.element.length > 0) return treeOf(snapshot.element);
    const base = await this.below(structure.baseDefinition ?? '', trail);
    return base && (await generate(structure, base, one => this.below(one, trail))).root;
  }

  /** The tree of a base or of a type's profile; undefined in a circle. */
  async below(canonical: string, trail: ReadonlySet<string> = new Set()): Promise<Node | undefined> {
    if (trail.has(canonical) || trail.size > longestChain) return undefined;
    return typeTreeOf(canonical) ?? (await this.entry(canonical, trail)).tree;
  }
}
