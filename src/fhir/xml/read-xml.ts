/**
 * XML → a resource as JSON has it, in one pass over the parser's events: no tree of the document is built, nothing is fetched, no entity is defined.
 * Elements come in the order of their type, as the specification asks; what is refused is told by its path, never by its value.
 * R4: https://hl7.org/fhir/R4/xml.html
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { type Decimal, longestNumber, numeral } from '../model/json.ts';
import { Problem, type ProblemKind } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import { fhirNamespace, isConcrete, type Shape, type Slot, shapeOf, xhtmlNamespace } from './shape.ts';

const instanceNamespace = 'http://www.w3.org/2001/XMLSchema-instance';
/** An element has an id, a url, a value and namespaces; an element of a narrative somewhat more. */
const mostAttributes = 100;

type Value = string | number | boolean | Decimal;
/** Prefix → namespace; '' is the default. */
type Scope = ReadonlyMap<string, string>;
type Attributes = Readonly<Record<string, string>>;

/** An element that is open. */
class Frame {
  readonly parent: Frame | undefined;
  /** What the element is in its parent; undefined: it is a resource. */
  readonly slot: Slot | undefined;
  readonly shape: Shape;
  readonly scope: Scope;
  /** Levels of objects and lists that its JSON stands in, itself among them. */
  readonly depth: number;
  /** The JSON of elements and resources; of a value what stands beside it (id, extensions); of a slot for a resource that resource. */
  object: Json | undefined;
  value: Value | undefined;
  /** Order of the child that came last. */
  last = 0;
  /** Lists of values that have something beside them. */
  besides: Slot[] | undefined;

  constructor(parent: Frame | undefined, slot: Slot | undefined, shape: Shape, scope: Scope, depth: number) {
    this.parent = parent;
    this.slot = slot;
    this.shape = shape;
    this.scope = scope;
    this.depth = depth;
  }
}

const noShape: Shape = new Map();
const noScope: Scope = new Map();

/** Names that may be repeated to the client: those an element could have. */
const nameLike = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
const blank = /^[ \t\r\n]*$/;
const numberLike = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const numeric: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);

/** FHIRPath of an open element, or of a child of it. */
function pathOf(frame: Frame | undefined, child?: string): string {
  const steps = child === undefined ? [] : [child];
  for (let at = frame; at !== undefined; at = at.parent) {
    const { slot, parent } = at;
    if (slot === undefined) {
      if (parent === undefined) steps.unshift(String(at.object?.['resourceType'] ?? ''));
      continue;
    }
    const list = slot.array ? ((parent?.object?.[slot.key] as unknown[] | undefined)?.length ?? 0) : undefined;
    steps.unshift(list === undefined ? slot.place : `${slot.place}[${list}]`);
  }
  return steps.join('.');
}

function refuse(kind: ProblemKind, text: string, at: Frame | undefined, child?: string): never {
  const expression = pathOf(at, child);
  throw new Problem(kind, text, expression === '' ? {} : { expression });
}

class Reader {
  /** What was read, at the end. */
  resource: AnyResource | undefined;
  private at = 0;
  private top: Frame | undefined;
  /** Open elements of a narrative; 0: there is none. */
  private inNarrative = 0;
  private narrativeStart = 0;
  private attributes = 0;
  private readonly text: string;
  private readonly maxDepth: number;
  private readonly parser = new SaxesParser();

  constructor(text: string, maxDepth: number) {
    this.text = text;
    this.maxDepth = maxDepth;
    const { parser } = this;
    // The parser's own messages would show a piece of the body.
    parser.on('error', () => this.malformed());
    parser.on('xmldecl', ({ version, encoding }) => {
      if (version !== '1.0') throw new Problem('invalid-xml', 'Only XML 1.0 is taken.');
      if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding))
        throw new Problem('invalid-xml', 'XML is taken in UTF-8 alone.');
    });
    parser.on('doctype', () => {
      throw new Problem('invalid-xml', 'A document of FHIR has no DOCTYPE.');
    });
    parser.on('opentagstart', () => {
      this.attributes = 0;
    });
    parser.on('attribute', () => {
      if (++this.attributes > mostAttributes) refuse('invalid-structure', 'An element has too many attributes.', this.top);
    });
    parser.on('opentag', tag => this.open(tag));
    parser.on('closetag', () => this.close());
    parser.on('text', text => {
      if (this.inNarrative === 0 && !blank.test(text)) this.strayText();
    });
    parser.on('cdata', () => {
      if (this.inNarrative === 0) this.strayText();
    });
  }

  /** Reads on, at most so many characters; true: there is more. */
  read(most: number): boolean {
    const { text, parser, at } = this;
    this.at = Math.min(at + most, text.length);
    parser.write(at === 0 && this.at === text.length ? text : text.slice(at, this.at));
    if (this.at < text.length) return true;
    parser.close();
    return false;
  }

  private malformed(): never {
    return refuse('invalid-xml', `The body is not well-formed XML: line ${this.parser.line}.`, this.top);
  }

  private strayText(): never {
    return refuse('invalid-structure', 'An element holds text; a value stands in the attribute value.', this.top);
  }

  private open(tag: SaxesTagPlain): void {
    if (this.inNarrative > 0) {
      if (++this.inNarrative > this.maxDepth) refuse('too-deep', 'A narrative is nested too deeply.', this.top);
      return;
    }
    const { top } = this;
    const scope = scopeOf(top?.scope ?? noScope, tag.attributes);
    if (scope.size > mostAttributes) refuse('invalid-structure', 'An element stands in too many namespaces.', top);
    const colon = tag.name.indexOf(':');
    const name = colon < 0 ? tag.name : tag.name.slice(colon + 1);
    const namespace = scope.get(colon < 0 ? '' : tag.name.slice(0, colon));
    if (top === undefined || top.slot?.content === 'resource') this.openResource(name, namespace, scope, tag.attributes);
    else this.openElement(top, name, namespace, scope, tag);
  }

  private openResource(name: string, namespace: string | undefined, scope: Scope, attributes: Attributes): void {
    const { top } = this;
    if (namespace !== fhirNamespace) refuse('invalid-structure', `A resource stands in the namespace ${fhirNamespace}.`, top);
    if (!isConcrete(name)) refuse('invalid-structure', 'An element is no resource that FHIR R4 knows.', top);
    if (top?.object !== undefined) refuse('invalid-structure', 'An element holds more than one resource.', top);
    const frame = new Frame(top, undefined, shapeOf(name), scope, top?.depth ?? 1);
    frame.object = { resourceType: name };
    this.top = frame;
    for (const attribute in attributes) this.checkAttribute(frame, attribute);
  }

  private openElement(top: Frame, name: string, namespace: string | undefined, scope: Scope, { attributes }: SaxesTagPlain): void {
    const slot = top.shape.get(name);
    if (slot === undefined || slot.attribute || (namespace !== fhirNamespace && slot.content !== 'xhtml'))
      this.unknown(top, name, 'element');
    if (slot.order < top.last)
      refuse('invalid-structure', `${slot.path} does not stand where the order of elements has it.`, top, slot.place);
    if (slot.order === top.last && !slot.array) refuse('invalid-structure', `${slot.path} stands there more than once.`, top, slot.place);
    top.last = slot.order;
    const depth = top.depth + (slot.array ? 2 : 1);
    const frame = new Frame(
      top,
      slot,
      slot.content === 'elements' ? shapeOf(slot.type) : slot.content === 'value' ? shapeOf('Element') : noShape,
      scope,
      depth,
    );
    // Made now: what an error's path counts, and what its children stand in.
    if (top.object === undefined) top.object = {};
    this.top = frame;
    if (slot.content === 'xhtml') {
      if (attributes['xmlns'] !== xhtmlNamespace) {
        refuse('invalid-structure', `${slot.path} declares the namespace ${xhtmlNamespace} itself, without a prefix.`, frame);
      }
      this.inNarrative = 1;
      // Attributes hold no "<": the last one opens this element.
      this.narrativeStart = this.text.lastIndexOf('<', this.parser.position - 1);
      return;
    }
    if (slot.content === 'elements') frame.object = {};
    // A value alone is no level of its own.
    if (depth - (slot.content === 'value' ? 1 : 0) > this.maxDepth) refuse('too-deep', 'The body is nested too deeply.', frame);
    for (const attribute in attributes) {
      const text = attributes[attribute]!;
      if (attribute === 'value' && slot.content === 'value') frame.value = readValue(text, slot, frame);
      else if (frame.shape.get(attribute)?.attribute === true) (frame.object ??= {})[attribute] = filled(text, frame);
      else this.checkAttribute(frame, attribute);
    }
  }

  /** Namespaces and the place of a schema say nothing about a resource. */
  private checkAttribute(frame: Frame, name: string): void {
    if (name === 'xmlns' || name.startsWith('xmlns:')) return;
    const colon = name.indexOf(':');
    const local = name.slice(colon + 1);
    const isLocation = local === 'schemaLocation' || local === 'noNamespaceSchemaLocation';
    if (!isLocation || colon < 0 || frame.scope.get(name.slice(0, colon)) !== instanceNamespace) this.unknown(frame, name, 'attribute');
  }

  private unknown(frame: Frame, name: string, what: 'element' | 'attribute'): never {
    const owner = frame.slot?.path ?? String(frame.object?.['resourceType']);
    if (nameLike.test(name)) return refuse('invalid-structure', `${owner} has no ${what} ${name} in FHIR’s namespace.`, frame);
    return refuse('invalid-structure', `${owner} has an ${what} whose name none of FHIR has.`, frame);
  }

  private close(): void {
    if (this.inNarrative > 0 && --this.inNarrative > 0) return;
    const frame = this.top!;
    const { slot, parent, object } = frame;
    if (slot === undefined) {
      closed(frame);
      if (parent === undefined) this.resource = object as AnyResource;
      else parent.object = object;
    } else if (slot.content === 'xhtml') {
      parent!.object![slot.key] = this.text.slice(this.narrativeStart, this.parser.position);
    } else if (slot.content === 'value') {
      if (frame.value === undefined && object === undefined) refuse('invalid-structure', `${slot.path} is empty.`, frame);
      putValue(parent!, slot, frame);
    } else {
      closed(frame);
      if (object === undefined || isEmpty(object)) refuse('invalid-structure', `${slot.path} is empty.`, frame);
      const owner = parent!.object!;
      if (slot.array) ((owner[slot.key] ??= []) as unknown[]).push(object);
      else owner[slot.key] = object;
    }
    this.top = parent;
  }
}

function isEmpty(object: Json): boolean {
  for (const _ in object) return false;
  return true;
}

function scopeOf(around: Scope, attributes: Attributes): Scope {
  let scope: Map<string, string> | undefined;
  for (const name in attributes) {
    // An x first: most attributes are called value, id or url.
    if (name.charCodeAt(0) !== 0x78 || (name !== 'xmlns' && !name.startsWith('xmlns:'))) continue;
    scope ??= new Map(around);
    scope.set(name.slice(6), attributes[name]!);
  }
  return scope ?? around;
}

function filled(text: string, frame: Frame): string {
  if (text === '') refuse('invalid-value', 'An attribute is empty.', frame);
  return text;
}

function readValue(text: string, { type, path }: Slot, frame: Frame): Value {
  if (numeric.has(type)) {
    if (text.length > longestNumber || !numberLike.test(text))
      refuse('invalid-value', `${path} does not have the format of ${type}.`, frame);
    return numeral(text);
  }
  if (type === 'boolean') {
    if (text !== 'true' && text !== 'false') refuse('invalid-value', `${path} does not have the format of ${type}.`, frame);
    return text === 'true';
  }
  return filled(text, frame);
}

/** A value into its property, and its id and extensions beside it; lists of both keep step with null. */
function putValue(parent: Frame, slot: Slot, { value, object }: Frame): void {
  const owner = parent.object!;
  if (!slot.array) {
    if (value !== undefined) owner[slot.key] = value;
    if (object !== undefined) owner[slot.beside] = object;
    return;
  }
  const values = (owner[slot.key] ??= []) as unknown[];
  values.push(value ?? null);
  if (object === undefined) return;
  if (owner[slot.beside] === undefined) (parent.besides ??= []).push(slot);
  const besides = (owner[slot.beside] ??= []) as unknown[];
  while (besides.length < values.length - 1) besides.push(null);
  besides.push(object);
}

/** Lists beside values become as long as those; where there is no value at all, what stands beside is all there is. */
function closed({ besides = [], object }: Frame): void {
  for (const slot of besides) {
    const values = object![slot.key] as unknown[];
    const beside = object![slot.beside] as unknown[];
    while (beside.length < values.length) beside.push(null);
    if (values.every(value => value === null)) delete object![slot.key];
  }
}

function readerOf(bytes: Buffer, maxDepth = 100): Reader {
  if (!isUtf8(bytes)) throw new Problem('invalid-xml', 'The body is not UTF-8.');
  const text = bytes.toString('utf8');
  return new Reader(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, maxDepth);
}

/**
 * A body → its resource, in the form that parseJson gives: numbers keep their digits, a narrative its bytes. Whether the resource is valid says the validator.
 * @param limits.maxDepth how deep its JSON may be nested, and how deep a narrative, 100 unless told
 * @throws Problem `invalid-xml` (not UTF-8, not well-formed, a DOCTYPE), `too-deep`, `invalid-structure`, `invalid-value`
 */
export function readXml(bytes: Buffer, limits: { maxDepth?: number } = {}): AnyResource {
  const reader = readerOf(bytes, limits.maxDepth);
  reader.read(Number.POSITIVE_INFINITY);
  return reader.resource!;
}

/** Characters that are read before others have their turn: some 10 ms. */
const atATime = 262_144;

/** The same, of a body that may be long: others have their turn in between. */
export async function readXmlInTurns(bytes: Buffer, limits: { maxDepth?: number } = {}): Promise<AnyResource> {
  const reader = readerOf(bytes, limits.maxDepth);
  while (reader.read(atATime)) await setImmediate();
  return reader.resource!;
}
