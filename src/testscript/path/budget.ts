/**
 * How much one path may look at: a path of a few characters can ask about every pair of elements of a body, and about every three.
 * @module
 */
import { Fault } from '../fault.ts';

const most = 5_000_000;

export class Budget {
  private spent = 0;

  /** @throws Fault when more was looked at than one path may */
  spend(nodes: number): void {
    this.spent += nodes;
    if (this.spent > most) throw new Fault('A path looks at too much.');
  }
}
