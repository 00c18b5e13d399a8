/**
 * The snapshot generator: what a differential changes, laid over the tree of its base; elements, slices, choices and types are walked into where the differential goes.
 * What it cannot do is told as findings, never thrown.
 * R4: https://hl7.org/fhir/R4/profiling.html#snapshot, https://hl7.org/fhir/R4/elementdefinition.html#interpretation
 * @module
 */
import type { Finding } from '../model/outcome.ts';
import {
  choiceIn,
  copyOf,
  type Definition,
  leaf,
  mostElements,
  type Node,
  type Slicing,
  type Step,
  type Structure,
  slicedBy,
  sliceOf,
  stepsOf,
  type TypeOf,
} from './definition.ts';
import { typeTree } from './specification.ts';

/** The finished tree of a profile or type, by its canonical; undefined: not known here. */
export type TreeOf = (canonical: string) => Promise<Node | undefined>;

const byUrl: Slicing = { discriminator: [{ type: 'value', path: 'url' }], ordered: false, rules: 'open' };
const byType: Slicing = { discriminator: [{ type: 'type', path: '$this' }], ordered: false, rules: 'closed' };

const limit = (max: string | undefined): number => (max === undefined || max === '*' ? Number.POSITIVE_INFINITY : Number(max));

/** Types that stand for others below them. */
const below: ReadonlyMap<string, readonly string[]> = new Map([
  ['Quantity', ['Age', 'Count', 'Distance', 'Duration', 'MoneyQuantity', 'SimpleQuantity']],
]);

/** Whether a type may take the place of another. */
export const isNarrower = (code: string, than: string): boolean =>
  code === than ||
  than === 'Element' ||
  than === 'Resource' ||
  than === 'DomainResource' ||
  // `id` of elements and resources: the type system of FHIRPath.
  than.startsWith('http://hl7.org/fhirpath/') ||
  code.startsWith('http://hl7.org/fhirpath/') ||
  below.get(than)?.includes(code) === true;

const choiceName = (prefix: string, code: string): string => prefix + code[0]!.toUpperCase() + code.slice(1);

/** The type that `valueQuantity` says of `value[x]`, or undefined: it is no shortcut for this element. */
function shortcut(choice: Node, name: string): TypeOf | undefined {
  const prefix = choice.name.slice(0, -3);
  if (!choice.name.endsWith('[x]') || !name.startsWith(prefix)) return undefined;
  return choice.definition.type?.find(({ code }) => choiceName(prefix, code) === name);
}

/** One differential being laid over one tree. */
class Overlay {
  readonly findings: Finding[] = [];
  private readonly root: Node;
  private readonly treeOf: TreeOf;
  /** Shortcut names that the differential has, by the path of the element above. */
  private readonly shortcuts: ReadonlyMap<string, ReadonlySet<string>>;
  private size = 0;

  constructor(root: Node, treeOf: TreeOf, elements: readonly Definition[]) {
    this.root = root;
    this.treeOf = treeOf;
    const names = new Map<string, Set<string>>();
    for (const { path } of elements) {
      const dot = path.lastIndexOf('.');
      const set = names.get(path.slice(0, dot)) ?? new Set();
      names.set(path.slice(0, dot), set.add(path.slice(dot + 1)));
    }
    this.shortcuts = names;
  }

  fault(text: string, place: string): undefined {
    if (this.findings.length < 100) this.findings.push({ kind: 'business-rule', text, expression: place });
    return undefined;
  }

  /** Lays one element of the differential over the tree. */
  async lay(definition: Definition, steps: readonly Step[], place: string): Promise<void> {
    let node: Node | undefined = this.root;
    if (steps[0]!.name !== this.root.name)
      return this.fault('The path of the element does not begin with the type of the definition.', place);
    let inSlice = false;
    for (const [i, step] of steps.entries()) {
      if (i === 0) continue;
      const above: string = steps
        .slice(0, i)
        .map(({ name }) => name)
        .join('.');
      node = await this.enter(node, step, { above, place, inSlice });
      if (node === undefined) return undefined;
      inSlice ||= step.slice !== undefined;
    }
    this.merge(node, definition, place);
  }

  /** The child of a node that a step names, made where it is a new slice. */
  private async enter(
    node: Node,
    { name, slice }: Step,
    { above, place, inSlice }: { above: string; place: string; inSlice: boolean },
  ): Promise<Node | undefined> {
    if (node.children.length === 0) await this.expand(node, place);
    const child = node.children.find(one => one.name === name);
    if (child !== undefined) return slice === undefined ? child : this.sliced(child, slice, place);
    for (const choice of node.children) {
      const type = shortcut(choice, name);
      if (type === undefined) continue;
      const others = [...(this.shortcuts.get(above) ?? [])].filter(one => one !== name && (one === choice.name || shortcut(choice, one)));
      // Alone, the shortcut says that the element has this type; beside others, that this type's values are so.
      if (others.length === 0) choice.definition = { ...choice.definition, type: [type] };
      if (inSlice && others.length === 0) return choice;
      choice.definition = {
        ...choice.definition,
        slicing: choice.definition.slicing ?? { ...byType, rules: others.length === 0 ? 'closed' : 'open' },
      };
      const found = this.sliced(choice, slice ?? name, place);
      if (found !== undefined) found.definition = { ...found.definition, type: [type] };
      return found;
    }
    return this.fault('The differential names an element that its base does not have.', place);
  }

  private sliced(node: Node, name: string, place: string): Node | undefined {
    const found = sliceOf(node, name);
    if (found !== undefined) return found;
    if (++this.size > mostElements) return this.fault('The definition has more elements than this server takes.', place);
    const beside = slicedBy(node, name);
    if (beside.definition.slicing === undefined) {
      const slicing =
        node.name === 'extension' || node.name === 'modifierExtension' ? byUrl : node.name.endsWith('[x]') ? byType : undefined;
      if (slicing !== undefined)
        beside.definition = { ...beside.definition, slicing: slicing === byType ? { ...byType, rules: 'open' } : slicing };
    }
    const { slicing: _, ...definition } = beside.definition;
    const made = leaf({ ...definition, sliceName: name, min: 0 }, node.name, name);
    // What the element's parts are, its slices' are too.
    this.copy(beside.children, made, place);
    const prefix = node.name.slice(0, -3);
    const type = node.name.endsWith('[x]') ? definition.type?.find(({ code }) => choiceName(prefix, code) === name) : undefined;
    if (type !== undefined) made.definition = { ...made.definition, type: [type] };
    beside.slices.push(made);
    return made;
  }

  /** Gives a node the children of its type, of its type's profile, or of the element that it refers to. */
  private async expand(node: Node, place: string): Promise<void> {
    const { contentReference, type = [] } = node.definition;
    const add = (children: readonly Node[]) => this.copy(children, node, place);
    if (contentReference !== undefined) {
      let target: Node | undefined = this.root;
      for (const name of contentReference
        .slice(contentReference.indexOf('#') + 1)
        .split('.')
        .slice(1))
        target = target?.children.find(one => one.name === name);
      return target === undefined ? this.fault('The content reference leads to no element.', place) : add(target.children);
    }
    const codes = new Set(type.map(({ code }) => code));
    const profiles = type.flatMap(({ profile = [] }) => profile);
    const profiled = codes.size === 1 && profiles.length === 1 ? await this.treeOf(profiles[0]!) : undefined;
    const [only] = codes;
    const tree = profiled ?? (only === undefined ? undefined : typeTree(codes.size === 1 ? only : 'Element'));
    if (tree === undefined) return this.fault('The differential goes into an element that has no parts known here.', place);
    add(tree.children);
  }

  private copy(children: readonly Node[], to: Node, place: string): void {
    this.size += sizeOf(children);
    if (this.size > mostElements) this.fault('The definition has more elements than this server takes.', place);
    else to.children.push(...children.map(child => copyOf(child, `${to.definition.path}.${child.name}`)));
  }

  private merge(node: Node, sent: Definition, place: string): void {
    const { id: _, path: __, sliceName: ___, constraint, type, ...more } = sent;
    const was = node.definition;
    if (sent.max !== undefined && limit(sent.max) > limit(was.max)) this.fault('An element may come more often than in its base.', place);
    if (sent.min !== undefined && node.sliceName === undefined && sent.min < (was.min ?? 0) && node !== this.root)
      this.fault('An element may come less often than in its base.', place);
    if ((sent.min ?? was.min ?? 0) > limit(sent.max ?? was.max)) this.fault('An element has to come more often than it may.', place);
    if (type !== undefined && was.type !== undefined && node !== this.root) {
      for (const { code } of type)
        if (!was.type.some(one => isNarrower(code, one.code))) this.fault('An element has a type that its base does not allow.', place);
    }
    const fixed = choiceIn(sent, 'fixed') ?? choiceIn(sent, 'pattern');
    const kept = fixed === undefined ? was : without(was, choiceIn(was, 'pattern')?.[0]);
    node.definition = {
      ...kept,
      ...more,
      ...(type === undefined ? {} : { type }),
      ...(constraint === undefined && was.constraint === undefined
        ? {}
        : {
            constraint: [...(was.constraint ?? []).filter(one => !constraint?.some(({ key }) => key === one.key)), ...(constraint ?? [])],
          }),
    };
  }
}

const sizeOf = (nodes: readonly Node[]): number =>
  nodes.reduce((size, { children, slices }) => size + 1 + sizeOf(children) + sizeOf(slices), 0);

function without(definition: Definition, key: string | undefined): Definition {
  if (key === undefined) return definition;
  const { [key]: _, ...rest } = definition;
  return rest as Definition;
}

/**
 * The tree of a profile from its differential and the tree of its base.
 * @param base shared: it is copied
 */
export async function generate(
  { differential }: Structure,
  base: Node,
  treeOf: TreeOf,
): Promise<{ readonly root: Node; readonly findings: readonly Finding[] }> {
  const elements = differential?.element ?? [];
  const root = copyOf(base);
  const overlay = new Overlay(root, treeOf, elements);
  if (elements.length > mostElements)
    overlay.fault('The definition has more elements than this server takes.', 'StructureDefinition.differential');
  else {
    const steps = stepsOf(elements);
    for (const [i, one] of elements.entries()) await overlay.lay(one, steps[i]!, `StructureDefinition.differential.element[${i}]`);
  }
  return { root, findings: overlay.findings };
}
