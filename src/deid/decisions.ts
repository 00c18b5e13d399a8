/**
 * What a policy decides, element by element: what `noren policy explain` shows, `diff` compares, and what a policy must be whole in before it loads.
 * @module
 */
import { type Policy, PolicyError, type Rule } from './policy.ts';

export interface Decision {
  /** `keep`, `remove`, or the methods one after the other (`age-top-code, quantity`); `listed`: its own elements are decided one by one. */
  readonly by: string;
  /** Measure that asks for it; `unlisted`: nothing names it, and the policy removes the rest. Absent for `listed`. */
  readonly measure?: string;
}

/** Collects decisions while a policy is compiled, so that what is said is what is done. */
export class Decisions {
  readonly all = new Map<string, Decision>();
  readonly #policy: Policy;
  readonly #measures: ReadonlyMap<Rule, string>;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#measures = new Map(policy.groups.flatMap(group => group.rules.map(rule => [rule, group.measure] as const)));
  }

  /** @param name JSON property, for one variant of a choice @param rules in the order in which they work */
  leaves(place: string, name: string, rules: readonly Rule[]): void {
    const path = place.slice(0, place.lastIndexOf('.') + 1) + name;
    const last = rules.at(-1);
    if (last === undefined) this.all.set(path, { by: 'listed' });
    else this.all.set(path, { by: rules.map(rule => rule.method).join(', '), measure: this.#measures.get(last)! });
  }

  /** @param path `extension('URL')` @param rules of its value, in the order in which they work */
  extension(path: string, rules: readonly Rule[]): void {
    const last = rules.at(-1);
    this.all.set(
      path,
      last === undefined ? { by: 'listed' } : { by: rules.map(rule => rule.method).join(', '), measure: this.#measures.get(last)! },
    );
  }

  removed(path: string, measure: string): void {
    this.all.set(path, { by: 'remove', measure });
  }

  /** @throws PolicyError where the policy does not say what becomes of the rest, and something is left */
  check(): void {
    if (this.#policy.otherwise === 'remove') return;
    const left = [...this.all].filter(([, { measure }]) => measure === 'unlisted').map(([path]) => path);
    if (left.length > 0)
      throw new PolicyError(
        left[0]!,
        `is undecided${left.length > 1 ? `, and so are ${left.length - 1} others` : ''}: list it, remove it by a rule, or say "otherwise": "remove"`,
      );
  }
}
