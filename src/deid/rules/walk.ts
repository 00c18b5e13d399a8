/**
 * Static rules applied in one walk over the JSON, along an automaton that knows for each place what settles it. The same output as in-order.ts but for the order of properties, without its tree.
 * The resource itself is changed: a new one of it would be a seventh of all that a resource takes (decision 0032).
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

/** @returns a function that changes a resource @throws NeedsTree where only a tree will do: the resource is used up then, too */
export function walker(programOf: (type: string) => Program, rules: readonly Rule[]): (resource: AnyResource, run: Run) => Json {
  /** The resource whose rules are at work. */
  let current: Automaton;
  let labelled = true;

  /**
   * The object with what the rules leave in it; undefined: nothing. What went is undefined in it, which JSON does not write: to delete a property would cost all the others their order in memory.
   * @param treated has been treated before
   */
  function object(json: Json, { fields, resource }: Shape, run: Run, treated?: Field): Json | undefined {
    let some = resource;
    for (const key in json) {
      const field = fields.get(key);
      if (field === undefined) {
        if (resource && key === 'resourceType') continue;
        throw new InputError('an object', 'has an element that R4 does not have');
      }
      const value = json[key];
      let made: unknown;
      switch (field.kind) {
        case 'primitive':
          made = field === treated ? value : primitive(value, field, run);
          break;
        case 'complex':
          made = complex(value, field, run);
          break;
        case 'list':
          made = list(value, field, complex, run);
          break;
        case 'primitives': {
          const more = json[field.beside];
          if (more === undefined) made = list(value, field, primitive, run);
          else {
            const both = primitives(value, more, field, run);
            made = both.values;
            json[field.beside] = both.mores;
            if (both.mores !== undefined) some = true;
          }
          break;
        }
        case 'beside':
          made = around(value, field, run);
          break;
        case 'besides':
          // With the values, where there are some.
          if (field.place.property in json) continue;
          made = primitives(undefined, value, field, run).mores;
      }
      if (made !== undefined) some = true;
      if (made !== value) json[key] = made;
    }
    return some ? json : undefined;
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

  /** @param treat of an item */
  function list<T>(
    value: unknown,
    field: Field,
    treat: (item: unknown, field: Field, run: Run) => T | undefined,
    run: Run,
  ): T[] | undefined {
    if (!isArray(value)) {
      const made = treat(value, field, run);
      return made === undefined ? undefined : [made];
    }
    let length = 0;
    for (const one of value) {
      const made = treat(one, field, run);
      if (made !== undefined) value[length++] = made;
    }
    if (length === 0) return undefined;
    if (length < value.length) value.length = length;
    return value as T[];
  }

  /** The element around the id and the extensions of a primitive. */
  function around(more: unknown, field: Field, run: Run): Json | undefined {
    if (more === undefined) return undefined;
    if (isReplaced(field) || isNoisy(field)) throw new NeedsTree(true);
    if (more === null) return undefined;
    if (!isObject(more) || more instanceof Decimal) throw new InputError(field.place.path, 'must be an object');
    return object(more, field.shape(), run);
  }

  /** A repeating primitive: values and what stands beside them go together. */
  function primitives(value: unknown, more: unknown, field: Field, run: Run): { readonly values: unknown; readonly mores: unknown } {
    const values: unknown[] = value === undefined ? [] : isArray(value) ? value : [value];
    const mores: unknown[] = more === undefined ? [] : isArray(more) ? more : [more];
    const left: (Primitive | null)[] = [];
    const extras: (Json | null)[] = [];
    const length = Math.max(values.length, mores.length);
    for (let i = 0; i < length; i++) {
      const made = i < values.length ? primitive(values[i], field, run) : undefined;
      const extra = i < mores.length ? around(mores[i], field, run) : undefined;
      if (made === undefined && extra === undefined) continue;
      left.push(made ?? null);
      extras.push(extra ?? null);
    }
    const isSome = (one: unknown) => one !== null;
    return { values: left.some(isSome) ? left : undefined, mores: extras.some(isSome) ? extras : undefined };
  }

  function nested(value: unknown, field: Field, run: Run): Json {
    if (!isObject(value) || !isResource(value['resourceType'])) throw new InputError(field.place.path, 'must be a resource');
    if (field.entered) throw new NeedsTree(true);
    const type = value['resourceType'];
    const [outside, unlabelled, before] = [current, !labelled, run.done];
    const { rootId } = run;
    const under = outside.around(field.place, type);
    const program = programOf(type);
    if (field.place.name === 'contained') labelled = false;
    try {
      if (under !== none) {
        if (program.kind === 'tree') throw new NeedsTree();
        // Settled from outside: what is done counts for the resource around it.
        current = settled;
        return object(value, program.automaton.root(field.place.name, under), run)!;
      }
      run.done = 0;
      // The root has been treated with all its rules before.
      const id = rootId(none);
      run.rootId = () => id;
      let made: Json;
      if (program.kind === 'tree') made = program.apply(value as AnyResource, run, labelled ? 'labelled' : 'unlabelled');
      else {
        current = program.automaton;
        made = object(value, current.root(field.place.name), run)!;
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
    const written = resource.id;
    let id: Field | undefined;
    if (typeof written === 'string') {
      // A date may move by the id: by the one before or behind the rule that settles it, as their order is.
      const { treat, rule } = (id = shape.fields.get('id')!);
      const made = treat === undefined ? written : treat(written, run);
      const isText = typeof made === 'string';
      (resource as Json)['id'] = isText ? trimmed(made) : made;
      const after = isText ? made : '';
      run.rootId = number => (number > rule ? after : written);
    }
    object(resource, shape, run, id);
    label(resource, run.done);
    return resource;
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
