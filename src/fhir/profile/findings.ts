/**
 * What a validation gathers: findings whose expressions grow from the inside out, so that a valid resource costs no path at all.
 * R4: https://hl7.org/fhir/R4/operationoutcome.html
 * @module
 */
import { Decimal } from '../model/json.ts';
import type { ProblemKind } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';

const { isArray } = Array;

/** So many findings tell enough; what a body of a million errors says beyond is not kept. */
const most = 100;

/** Names that may be repeated to the client: those an element could have. Anything else might be somebody's name. */
const nameLike = /^_?[A-Za-z][A-Za-z0-9]{0,63}$/;

export class Context {
  readonly findings: { kind: ProblemKind; text: string; expression: string }[] = [];
  /** The outermost resource, or the entry or parameter that this one stands in: contained resources are looked for there. */
  container: AnyResource;
  /** The resource that is being looked at; contained ones too. */
  resource: AnyResource;
  private contained: Map<unknown, string> | undefined;
  /** The innermost Bundle around, whose entries are known by their fullUrl. */
  private bundle: AnyResource | undefined;
  private entries: Map<unknown, string> | undefined;

  constructor(resource: AnyResource) {
    this.container = resource;
    this.resource = resource;
    this.bundle = resource.resourceType === 'Bundle' ? resource : undefined;
  }

  /** How many findings there are; a part of the resource compares before and after. */
  get count(): number {
    return this.findings.length;
  }

  add(kind: ProblemKind, text: string, expression = ''): void {
    if (this.findings.length < most) this.findings.push({ kind, text, expression });
  }

  /** Findings from `from` on are about what stands at `place`. */
  at(from: number, place: string): void {
    for (let i = from; i < this.findings.length; i++) {
      const finding = this.findings[i]!;
      finding.expression = finding.expression === '' ? place : `${place}.${finding.expression}`;
    }
  }

  unknown(group: string, key: string): void {
    if (nameLike.test(key)) this.add('invalid-structure', `${group} has no element ${key}.`, key);
    else this.add('invalid-structure', `${group} has an element whose name no element of FHIR has.`);
  }

  missing(path: string): void {
    this.add('required', `${path} is required.`, path.slice(path.lastIndexOf('.') + 1).replace('[x]', ''));
  }

  /** Another shape than the element's: a list for one, one for a list, null, nothing in it. */
  shape(path: string, value: unknown, expected: 'list' | 'object' | 'value', place: string): void {
    const what =
      value === null
        ? 'null'
        : isArray(value)
          ? value.length === 0
            ? 'an empty array'
            : 'an array'
          : typeof value === 'object' && !(value instanceof Decimal)
            ? 'an object'
            : 'a single value';
    const wanted = expected === 'list' ? 'a JSON array with something in it' : expected === 'object' ? 'a JSON object' : 'a JSON value';
    this.add('invalid-structure', `${path} is ${what} where ${wanted} belongs.`, place);
  }

  /** A primitive that has not the format of its type. */
  value(path: string, type: string, value: unknown, place: string): void {
    if (typeof value === 'object' && !(value instanceof Decimal)) this.shape(path, value, 'value', place);
    else this.add('invalid-value', `${path} does not have the format of ${type}.`, place);
  }

  /** Type of a contained resource of the container, or undefined: there is none of this id. */
  containedType(id: string): string | undefined {
    if (this.contained === undefined) {
      this.contained = new Map();
      const list = this.container['contained'];
      for (const one of isArray(list) ? list : []) if (isObject(one)) this.contained.set(one['id'], String(one['resourceType']));
    }
    return this.contained.get(id);
  }

  /** Type of the entry with this fullUrl in the Bundle around, or undefined. */
  entryType(fullUrl: string): string | undefined {
    if (this.bundle === undefined) return undefined;
    if (this.entries === undefined) {
      this.entries = new Map();
      const list = this.bundle['entry'];
      for (const entry of isArray(list) ? list : []) {
        if (isObject(entry) && isObject(entry['resource'])) this.entries.set(entry['fullUrl'], String(entry['resource']['resourceType']));
      }
    }
    return this.entries.get(fullUrl);
  }

  /** Runs `look` inside a resource of this one (contained, of an entry, of a parameter), and comes back. */
  within(resource: AnyResource, isContained: boolean, look: () => void): void {
    const { container, contained, resource: outer, bundle, entries } = this;
    this.resource = resource;
    if (!isContained) {
      this.container = resource;
      this.contained = undefined;
    }
    if (resource.resourceType === 'Bundle') {
      this.bundle = resource;
      this.entries = undefined;
    }
    look();
    this.container = container;
    this.contained = contained;
    this.resource = outer;
    this.bundle = bundle;
    this.entries = entries;
  }
}

/** A JSON object: no array, no Decimal. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !isArray(value) && !(value instanceof Decimal);
