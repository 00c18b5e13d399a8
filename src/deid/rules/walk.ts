/**
 * Static rules applied in one walk over the JSON, along an automaton that knows for each place what settles it. The same output as in-order.ts, without its tree.
 * R4: https://hl7.org/fhir/R4/json.html
 * @module
 */
import { Decimal } from '../../fhir/model/json.ts';
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { type Automaton, type Field, NeedsTree, none, type Shape } from './automaton.ts';
import { InputError, RuleNotApplicable } from './errors.ts';
import type { Nested } from './in-order.ts';
import { label } from './labels.ts';
import { isResource } from './places.ts';
import type { Rule } from './rule.ts';
import type { Run } from './run.ts';
import { isPrimitiveValue, type Primitive, trimmed } from './tree.ts';

/** What is known of a resource type: its automaton, or what treats it by tree. */
export type Program =
  | { readonly kind: 'walk'; readonly automaton: Automaton }
  | { readonly kind: 'tree'; readonly apply: (resource: AnyResource, run: Run, nested?: Nested) => Json };

const { isArray } = Array;

/** @throws NeedsTree where only a tree will do */
export function walker(programOf: (type: string) => Program, rules: readonly Rule[]): (resource: AnyResource, run: Run) => Json {
  /** The resource whose rules are at work. */
  let current: Automaton;
  let labelled = true;

  /**
   * What the rules leave of an object: itself, if that is all of it, as with most objects; else a new one.
   * @param begun the new one of a resource @param but a field that has been treated before
   */
  function object(json: Json, shape: Shape, run: Run, begun?: Json, but?: Field): Json | undefined {
    const { fields } = shape;
    let out = begun;
    /** Nothing has been found different so far. */
    let same = begun === undefined;
    let some = false;
    for (const key in json) {
      const field = fields.get(key);
      if (field === but && but !== undefined) continue;
      const value = json[key];
      if (field === undefined || (field.primitive && field.array)) {
        if (same) out = before(json, key);
        same = false;
        if (field !== undefined) out = primitives(json, value, field, run, out);
        else if (key.charCodeAt(0) === 95) out = beside(json, key, shape, run, out) ?? out;
        else if (key !== 'resourceType' || begun === undefined) throw new InputError('an object', 'has an element that R4 does not have');
        continue;
      }
      const made = field.array ? list(value, field, run) : field.primitive ? primitive(value, field, run) : complex(value, field, run);
      if (same) {
        some = true;
        if (made === value) continue;
        same = false;
        out = before(json, key);
      }
      if (made !== undefined) (out ??= {})[key] = made;
    }
    return same && some ? json : out;
  }

  /** A new object with what stands before a key; undefined: nothing does. */
  function before(json: Json, key: string): Json | undefined {
    let out: Json | undefined;
    for (const one in json) {
      if (one === key) break;
      (out ??= {})[one] = json[one];
    }
    return out;
  }

  /** Also where it had no value, and then what stands beside it goes. */
  const isReplaced = (field: Field): boolean => rules[field.rule]?.method.name === 'substitute';

  /** Then what stands beside it depends on whether it had a value. */
  const isNoisy = (field: Field): boolean => field.treat !== undefined && rules[field.rule]?.method.name === 'perturb';

  function primitive(value: unknown, field: Field, run: Run): Primitive | undefined {
    if (value === null) {
      if (isReplaced(field)) throw new NeedsTree(true);
      return undefined;
    }
    if (!isPrimitiveValue(value)) throw new InputError(field.place.path, 'must be a primitive');
    const made = field.treat === undefined ? value : field.treat(value, run);
    return typeof made === 'string' ? trimmed(made) : made;
  }

  function complex(value: unknown, field: Field, run: Run): Json | undefined {
    if (field.nested) return nested(value, field, run);
    if (!isObject(value) || value instanceof Decimal) throw new InputError(field.place.path, 'must be an object');
    if (field.refused) throw new RuleNotApplicable(rules[field.rule]!.place, 'generalizes an element that is no primitive');
    if (field.quantity !== undefined && isPrimitiveValue(value['value'])) {
      const shape = field.quantity();
      if (shape.fields.get('value')?.rule === field.rule) return object(value, shape, run);
    }
    return object(value, field.shape(), run);
  }

  function list(value: unknown, field: Field, run: Run): Json[] | undefined {
    if (!isArray(value)) {
      const made = complex(value, field, run);
      return made === undefined ? undefined : [made];
    }
    let out = value as Json[];
    let length = 0;
    for (let i = 0; i < value.length; i++) {
      const made = complex(value[i], field, run);
      // A copy has the right size at once; lists that are pushed into take room for 16 more.
      if (made !== value[i] && out === value) out = value.slice() as Json[];
      if (made !== undefined && out !== value) out[length] = made;
      if (made !== undefined) length++;
    }
    if (length === 0) return undefined;
    if (length < out.length) out.length = length;
    return out;
  }

  /** The element around the id and the extensions of a primitive. */
  function around(more: unknown, field: Field, run: Run): Json | undefined {
    if (more === undefined || more === null) return undefined;
    if (isReplaced(field) || isNoisy(field)) throw new NeedsTree(true);
    if (!isObject(more) || more instanceof Decimal) throw new InputError(field.place.path, 'must be an object');
    return object(more, field.shape(), run);
  }

  /** A repeating primitive: values and what stands beside them go together. Gives the object with both written into it. */
  function primitives(json: Json, value: unknown, field: Field, run: Run, out: Json | undefined): Json | undefined {
    const more = json[field.beside];
    const values: unknown[] = value === undefined ? [] : isArray(value) ? value : [value];
    const mores: unknown[] = more === undefined ? [] : isArray(more) ? more : [more];
    const left: (Primitive | null)[] = [];
    let kept: (Json | null)[] | undefined;
    let some = false;
    const length = Math.max(values.length, mores.length);
    for (let i = 0; i < length; i++) {
      const made = i < values.length ? primitive(values[i], field, run) : undefined;
      const extra = i < mores.length ? around(mores[i], field, run) : undefined;
      if (made === undefined && extra === undefined) continue;
      if (made !== undefined) some = true;
      if (extra !== undefined) {
        kept ??= new Array<null>(left.length).fill(null);
        while (kept.length < left.length) kept.push(null);
        kept.push(extra);
      }
      left.push(made ?? null);
    }
    if (left.length === 0) return out;
    out ??= {};
    if (some) out[field.place.property] = left;
    if (kept !== undefined) {
      while (kept.length < left.length) kept.push(null);
      out[field.beside] = kept;
    }
    return out;
  }

  function beside(json: Json, key: string, shape: Shape, run: Run, out: Json | undefined): Json | undefined {
    const field = shape.besides.get(key);
    if (field === undefined) throw new InputError('an object', 'has an element that R4 does not have');
    if (field.array) return field.place.property in json ? undefined : primitives(json, undefined, field, run, out);
    const made = around(json[key], field, run);
    if (made !== undefined) (out ??= {})[key] = made;
    return out;
  }

  function nested(value: unknown, field: Field, run: Run): Json {
    if (!isObject(value) || !isResource(value['resourceType'])) throw new InputError(field.place.path, 'must be a resource');
    if (field.entered) throw new NeedsTree(true);
    const type = value['resourceType'];
    const [outside, unlabelled, before] = [current, !labelled, run.done];
    const { rootId } = run;
    const under = outside.around(field.place, type);
    const program = programOf(type);
    const out: Json = { resourceType: type };
    if (field.place.name === 'contained') labelled = false;
    try {
      if (under !== none) {
        if (program.kind === 'tree') throw new NeedsTree();
        // Settled from outside: what is done counts for the resource around it.
        current = settled;
        return object(value, program.automaton.root(field.place.name, under), run, out)!;
      }
      run.done = 0;
      // The root has been treated with all its rules before.
      const id = rootId(none);
      run.rootId = () => id;
      let made: Json;
      if (program.kind === 'tree') made = program.apply(value as AnyResource, run, labelled ? 'labelled' : 'unlabelled');
      else {
        current = program.automaton;
        made = object(value, current.root(field.place.name), run, out)!;
        if (labelled) label(made, run.done);
      }
      run.done |= before;
      return made;
    } finally {
      run.rootId = rootId;
      current = outside;
      labelled = !unlabelled;
    }
  }

  return (resource, run) => {
    const program = programOf(resource.resourceType);
    if (program.kind === 'tree') return program.apply(resource, run);
    current = program.automaton;
    labelled = true;
    const shape = current.root(resource.resourceType);
    const out: Json = { resourceType: resource.resourceType };
    const written = resource['id'];
    let id: Field | undefined;
    if (typeof written === 'string') {
      // A date may move by the id: by the one before or behind the rule that settles it, as their order is.
      const field = (id = shape.fields.get('id')!);
      const made = primitive(written, field, run);
      if (made !== undefined) out['id'] = made;
      const after = field.treat === undefined ? written : typeof made === 'string' ? made : '';
      run.rootId = rule => (rule > field.rule ? after : written);
    }
    const made = object(resource, shape, run, out, id)!;
    label(made, run.done);
    return made;
  };
}

/** Of a resource that was settled from outside: it may hold no other. */
const settled: Automaton = {
  root: () => {
    throw new NeedsTree();
  },
  around: () => {
    throw new NeedsTree();
  },
};
