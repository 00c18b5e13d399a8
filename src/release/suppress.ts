/**
 * Which cells of a report are masked: the small ones, and as many others as it takes that nobody can compute a small one from what is left.
 * The test is the attack itself: with all that is published, a masked small cell must still be able to be 1 and to be 10 (bounds.ts);
 * and of no few persons whom several cells tell from the others may be known better how many they are than a masked cell says.
 * Reference: complementary suppression, Hundepool et al., Statistical Disclosure Control (2012), ch. 4.
 * @module
 */
import { type Bounds, type Budget, bounds, type Known, type Steps } from './bounds.ts';
import { fewest, isSmall } from './threshold.ts';
import { Turn } from './turn.ts';

/** Work of one report, done in turns: some seconds. */
const most = 1.2e9;

/** A cell, as the set of disjoint parts of the cohort that it counts. */
export interface Cell {
  readonly parts: readonly number[];
  readonly count: number;
  /** Cells of one table (strata of one stratifier in one population) have the same name; masking begins among them. */
  readonly table: string;
  /**
   * Not shown, but perhaps to be computed. `remainder`: "in the denominator and not in the numerator"; it is protected like a cell.
   * `part`: persons whom no cell counts apart; nobody may learn more of their number than that it is small.
   */
  readonly hidden?: 'remainder' | 'part';
}

/**
 * Numbers of the cells that are not shown; hidden ones are not among them.
 * @param sizes how many persons each part has
 */
export async function suppress(cells: readonly Cell[], sizes: readonly number[], turn = new Turn()): Promise<ReadonlySet<number>> {
  const masked = new Set<number>();
  cells.forEach((cell, i) => {
    if (cell.hidden === undefined && isSmall(cell.count)) masked.add(i);
  });
  const sensitive = cells.filter(cell => isSmall(cell.count));
  // When it is used up, what is not proven safe counts as unsafe.
  const budget: Budget = { left: most };
  const done = async <T>(steps: Steps<T>): Promise<T> => {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await turn.pause();
    }
  };
  const added: number[] = [];
  // Whoever is safe stays safe when more is masked: each is asked about until it is.
  for (const cell of sensitive) {
    while (await done(endangered([cell], cells, masked, sizes, budget))) {
      const next = sacrifice(cells, masked, cell);
      if (next === undefined) break;
      masked.add(next);
      added.push(next);
    }
  }
  // What was masked early may have become needless by what was masked later.
  budget.left = Math.max(budget.left, most / 4);
  for (const i of added.sort((a, b) => cells[b]!.count - cells[a]!.count)) {
    if (budget.left <= 0) break;
    masked.delete(i);
    if (await done(endangered(sensitive, cells, masked, sizes, budget))) masked.add(i);
  }
  return masked;
}

/** Neither excludes that the cell is one person, nor that it is enough of them. */
export const unclear = ({ low, high }: Bounds): boolean => low <= 1 + 1e-6 && high >= fewest - 1e-6;

/** Neither is known better than a masked cell: something from 1 to 9. */
const vague = ({ low, high }: Bounds): boolean => high >= fewest - 1e-6 || high - low >= fewest - 2 - 1e-6;

/** Whether what is shown tells too much of one of these cells. */
function* endangered(
  sensitive: readonly Cell[],
  cells: readonly Cell[],
  masked: ReadonlySet<number>,
  sizes: readonly number[],
  budget: Budget,
): Steps<boolean> {
  const known: Known[] = [];
  const inShown: string[] = new Array<string>(sizes.length).fill('');
  cells.forEach((cell, i) => {
    if (cell.hidden !== undefined || masked.has(i)) return;
    known.push({ parts: cell.parts, value: cell.count });
    for (const part of cell.parts) inShown[part] += `,${i}`;
  });
  const near = restricted(cells, masked, known, sizes);
  for (const cell of sensitive) {
    yield;
    if (canTrade(cell, inShown, sizes)) continue;
    if (isRemainder(cell, cells, masked)) return true;
    const safe = cell.hidden === 'part' ? vague : unclear;
    const fixed = near.fixed(cell);
    const small = yield* bounds(near.partsOf(cell), near.known, near.size, budget);
    if (small !== undefined && safe({ low: small.low + fixed, high: small.high + fixed })) continue;
    const found = yield* bounds(cell.parts, known, sizes.length, budget);
    if (found === undefined || !safe(found)) return true;
  }
  return false;
}

/**
 * The same question where only what stands in a masked cell may vary, and all else is as it is: far smaller, and what is unclear here is unclear at large.
 * What is clear here is asked again at large.
 */
function restricted(cells: readonly Cell[], masked: ReadonlySet<number>, known: readonly Known[], sizes: readonly number[]) {
  const number = new Map<number, number>();
  for (const i of masked) for (const part of cells[i]!.parts) if (!number.has(part)) number.set(part, number.size);
  const free = (parts: readonly number[]): number[] => parts.flatMap(part => number.get(part) ?? []);
  const rest = (parts: readonly number[]): number => parts.reduce((sum, part) => (number.has(part) ? sum : sum + sizes[part]!), 0);
  return {
    size: number.size,
    known: known.map(one => ({ parts: free(one.parts), value: one.value - rest(one.parts) })).filter(one => one.parts.length > 0),
    partsOf: (cell: Cell) => free(cell.parts),
    fixed: (cell: Cell) => rest(cell.parts),
  };
}

/** The common case of danger: the masked cells of its table are few persons together, and a shown total less the shown cells says so. */
function isRemainder(cell: Cell, cells: readonly Cell[], masked: ReadonlySet<number>): boolean {
  if (cell.hidden !== undefined) return false;
  const table = cells.map((one, i) => ({ one, i })).filter(({ one }) => one.table === cell.table && one.hidden === undefined);
  const parts = table.reduce((n, { one }) => n + one.parts.length, 0);
  const hiddenCount = table.reduce((n, { one, i }) => (masked.has(i) ? n + one.count : n), 0);
  if (hiddenCount >= fewest) return false;
  const all = new Set(table.flatMap(({ one }) => one.parts));
  if (all.size !== parts) return false;
  return cells.some(
    (one, i) =>
      one.table !== cell.table &&
      !masked.has(i) &&
      one.hidden === undefined &&
      one.parts.length === all.size &&
      one.parts.every(part => all.has(part)),
  );
}

/**
 * The cheap half of the test. Parts that stand in the same shown cells can trade persons and nothing shown changes: if by such trades alone
 * the cell can come down to one person and up to enough, no computation can exclude either.
 */
function canTrade(cell: Cell, inShown: readonly string[], sizes: readonly number[]): boolean {
  const inside = new Map<string, number>();
  for (const part of cell.parts) inside.set(inShown[part]!, (inside.get(inShown[part]!) ?? 0) + sizes[part]!);
  const own = new Set(cell.parts);
  const outside = new Map<string, number>();
  inShown.forEach((shown, part) => {
    if (!own.has(part) && inside.has(shown)) outside.set(shown, (outside.get(shown) ?? 0) + sizes[part]!);
  });
  let up = inside.has('') ? fewest : 0;
  let down = 0;
  for (const [shown, persons] of inside) {
    if (shown !== '' && !outside.has(shown)) continue;
    up += outside.get(shown) ?? 0;
    down += persons;
  }
  return cell.count + up >= fewest && cell.count - down <= 1;
}

/** The next cell to be masked: the smallest shown one of the same table; else the smallest that shares persons with the cell in danger; else any. Zeros come last. */
function sacrifice(cells: readonly Cell[], masked: ReadonlySet<number>, target: Cell): number | undefined {
  const inTarget = new Set(target.parts);
  const shown = cells.map((cell, i) => ({ cell, i })).filter(({ cell, i }) => cell.hidden === undefined && !masked.has(i));
  // What tells a part from the rest is a larger cell and those inside of it: of these a smaller one goes, the total stays.
  if (target.hidden === 'part') {
    const around = new Set(shown.flatMap(({ cell }) => (cell.parts.some(part => inTarget.has(part)) ? cell.parts : [])));
    const inside = shown.filter(({ cell }) => cell.count > 0 && cell.parts.every(part => around.has(part) && !inTarget.has(part)));
    if (inside.length > 0) return inside.reduce((a, b) => (b.cell.count < a.cell.count ? b : a)).i;
  }
  const rank = (cell: Cell): number =>
    cell.count === 0 ? 3 : cell.table === target.table ? 0 : cell.parts.some(part => inTarget.has(part)) ? 1 : 2;
  shown.sort((a, b) => rank(a.cell) - rank(b.cell) || a.cell.count - b.cell.count || a.i - b.i);
  return shown[0]?.i;
}
