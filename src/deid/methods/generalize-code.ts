/**
 * generalize-code: a coding leaves some steps up its hierarchy, or at the first code on the way that has a form: a diagnosis as its three characters, a drug as its ingredient.
 * What comes before it in the rules decides whether it leaves at all. A system that the rule does not name leaves as it is.
 * Documented in docs/deidentification/hierarchies.md.
 * @module
 */

import { isObject } from '../context.ts';
import { generalizeCode as above, type Upwards } from '../hierarchy/generalize-code.ts';
import { hierarchyOf } from '../hierarchy/index.ts';
import type { Method } from './method.ts';
import { stepTable } from './option.ts';

function upwards(value: unknown, system: string): Upwards {
  if (hierarchyOf(system) === undefined) throw new Error(`"systems.${system}" is a system without a hierarchy`);
  const { steps, until } = isObject(value) ? value : {};
  if (Number.isInteger(steps) && (steps as number) > 0 && until === undefined) return { steps: steps as number };
  if (typeof until === 'string' && steps === undefined) return { until: new RegExp(`^(?:${until})$`) };
  throw new Error(`"systems.${system}" has "steps" (a whole number) or "until" (a form of codes)`);
}

/** Option: `systems`, URL of a code system → `steps` up, or `until` the form (a regular expression) of the codes that are coarse enough. */
export const generalizeCode: Method = {
  types: ['Coding'],
  goesOn: true,
  options: { systems: stepTable },
  mark: 'generalized',
  make: (options, inner) => {
    if (!isObject(options['systems'])) throw new Error('"systems" must be an object');
    const systems = new Map(Object.entries(options['systems']).map(([system, value]) => [system, upwards(value, system)] as const));
    return (value, run) => {
      const left = inner === undefined ? undefined : inner(value, run);
      const up = isObject(left) ? systems.get(String(left['system'])) : undefined;
      return up === undefined ? left : above(left, hierarchyOf, up);
    };
  },
};
