/**
 * What stands inside resources (contained), behind one of their references: looked at as if it were a type of its own, whose versions are those of the resources around it.
 * R4: https://hl7.org/fhir/R4/search.html#contained ("A chained condition will be evaluated inside contained resources")
 * @module
 */
import type { ParameterIndex } from './parameter.ts';
import { ReferenceIndex } from './references.ts';
import type { TypeIndex } from './state.ts';

/** The indexes in which predicates are looked for: those of a type, or of what stands inside its resources. */
export interface Searched {
  /** All versions, ascending. */
  readonly all: readonly number[];
  /** Undefined: no such parameter, or nothing has a value of it. */
  parameter(code: string): ParameterIndex | undefined;
  reference(code: string): ReferenceIndex | undefined;
  /** By the code of a reference: for each type that stands inside behind it, its ids. */
  inside?(code: string): readonly ParameterIndex[];
  /** Tokens of the ids that are inside, where that is what is looked at. */
  readonly ids?: ParameterIndex;
}

/** What is of a type inside the resources of another, behind the reference of this code; undefined: nothing. */
export function inside(index: Pick<TypeIndex, 'parameter'>, code: string, type: string): Searched | undefined {
  const name = `${code}#${type}`;
  const ids = index.parameter(name);
  if (ids === undefined || ids.present.length === 0) return undefined;
  const parameter = (inner: string) => index.parameter(`${name}.${inner}`);
  return {
    all: ids.present,
    ids,
    parameter,
    reference: inner => {
      const found = parameter(inner);
      return found instanceof ReferenceIndex ? found : undefined;
    },
  };
}
