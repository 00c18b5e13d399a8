/**
 * Translation by ConceptMaps, forwards and back: targets and what they depend on, and what a group says of codes that it does not map.
 * R4: https://hl7.org/fhir/R4/conceptmap.html, https://hl7.org/fhir/R4/conceptmap-operation-translate.html
 * @module
 */
import type {
  ConceptMap,
  ConceptMapGroup,
  ConceptMapGroupElement,
  ConceptMapGroupElementTarget,
  ConceptMapGroupElementTargetDependsOn,
} from '@medplum/fhirtypes';
import { readCanonical } from './canonical.ts';

interface Row {
  readonly element: ConceptMapGroupElement;
  readonly target: ConceptMapGroupElementTarget;
}

interface CompiledGroup {
  readonly group: ConceptMapGroup;
  readonly bySource: ReadonlyMap<string, readonly Row[]>;
  readonly byTarget: ReadonlyMap<string, readonly Row[]>;
}

export interface CompiledMap {
  readonly url?: string;
  /** Value sets, without versions. */
  readonly source?: string;
  readonly target?: string;
  readonly groups: readonly CompiledGroup[];
  /** Elements. */
  readonly size: number;
}

const bare = (canonical: string | undefined): string | undefined => (canonical === undefined ? undefined : readCanonical(canonical).url);

export function compileMap(map: ConceptMap): CompiledMap {
  const groups = (map.group ?? []).map((group): CompiledGroup => {
    const rows = group.element!.flatMap(element => (element.target ?? []).map(target => ({ element, target })));
    return {
      group,
      bySource: Map.groupBy(rows, row => row.element.code ?? ''),
      byTarget: Map.groupBy(rows, row => row.target.code ?? ''),
    };
  });
  const source = bare(map.sourceCanonical ?? map.sourceUri);
  const target = bare(map.targetCanonical ?? map.targetUri);
  return {
    ...(map.url === undefined ? {} : { url: map.url }),
    ...(source === undefined ? {} : { source }),
    ...(target === undefined ? {} : { target }),
    groups,
    size: groups.reduce((sum, { group }) => sum + group.element!.length, 0),
  };
}

export interface Coding {
  readonly system?: string;
  readonly code: string;
}

/** Another element that is known, and its values. */
export interface Dependency {
  readonly element: string;
  readonly codings: readonly { readonly system?: string; readonly code?: string }[];
  readonly text?: string;
}

export interface Translation {
  readonly from: Coding;
  /** System that is wanted; absent: whichever. */
  readonly system?: string;
  readonly dependencies: readonly Dependency[];
  readonly isReverse: boolean;
}

export interface Match {
  readonly equivalence: ConceptMapGroupElementTarget['equivalence'];
  readonly concept?: { readonly system?: string; readonly code: string; readonly display?: string };
  readonly product: readonly ConceptMapGroupElementTargetDependsOn[];
  /** Canonical of the map. */
  readonly source?: string;
}

const reversed: Readonly<Record<string, Match['equivalence']>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};

/** Maps that a group leaves its unmapped codes to, one after the other. */
const mostMaps = 10;

/**
 * @param other finds the map that a group leaves unmapped codes to
 */
export async function translate(
  map: CompiledMap,
  asked: Translation,
  other: (canonical: string) => Promise<CompiledMap | undefined>,
  depth = 0,
): Promise<Match[]> {
  const matches: Match[] = [];
  for (const compiled of map.groups) {
    const { group, bySource, byTarget } = compiled;
    const [from, to] = asked.isReverse ? [group.target, group.source] : [group.source, group.target];
    if (asked.from.system !== undefined && from !== asked.from.system) continue;
    if (asked.system !== undefined && to !== asked.system) continue;
    const rows = (asked.isReverse ? byTarget : bySource).get(asked.from.code) ?? [];
    const fitting = rows.filter(({ target }) => (target.dependsOn ?? []).every(one => isMet(one, asked.dependencies)));
    for (const row of fitting) matches.push(matchOf(row, to, map, asked.isReverse));
    if (!asked.isReverse && !hasElement(compiled, asked.from.code)) matches.push(...(await unmapped(group, map, asked, other, depth)));
  }
  return matches;
}

/** An element without targets is mapped: to nothing. */
const hasElement = ({ group, bySource }: CompiledGroup, code: string): boolean =>
  bySource.has(code) || group.element!.some(element => element.code === code);

function matchOf({ element, target }: Row, system: string | undefined, map: CompiledMap, isReverse: boolean): Match {
  const { code, display } = isReverse ? element : target;
  const equivalence = isReverse ? (reversed[target.equivalence!] ?? target.equivalence) : target.equivalence;
  return {
    equivalence,
    ...(code === undefined ? {} : { concept: conceptOf(code, system, display) }),
    product: isReverse ? [] : (target.product ?? []),
    ...(map.url === undefined ? {} : { source: map.url }),
  };
}

const conceptOf = (code: string, system: string | undefined, display: string | undefined): NonNullable<Match['concept']> => ({
  ...(system === undefined ? {} : { system }),
  code,
  ...(display === undefined ? {} : { display }),
});

const isMet = ({ property, system, value }: ConceptMapGroupElementTargetDependsOn, known: readonly Dependency[]): boolean =>
  known.some(
    ({ element, codings, text }) =>
      element === property &&
      (codings.some(one => one.code === value && (system === undefined || one.system === undefined || one.system === system)) ||
        (system === undefined && text === value)),
  );

async function unmapped(
  { unmapped: rule, source, target }: ConceptMapGroup,
  map: CompiledMap,
  asked: Translation,
  other: (canonical: string) => Promise<CompiledMap | undefined>,
  depth: number,
): Promise<Match[]> {
  if (rule === undefined) return [];
  if (rule.mode === 'other-map') {
    const next = rule.url === undefined || depth >= mostMaps ? undefined : await other(rule.url);
    return next === undefined ? [] : await translate(next, asked, other, depth + 1);
  }
  const code = rule.mode === 'fixed' ? rule.code : asked.from.code;
  if (code === undefined) return [];
  return [
    {
      // What was never looked at one by one can be said to be related, and no more; the same code of the same system is the same.
      equivalence: rule.mode === 'provided' && source === target ? 'equal' : 'relatedto',
      concept: conceptOf(code, target, rule.mode === 'fixed' ? rule.display : undefined),
      product: [],
      ...(map.url === undefined ? {} : { source: map.url }),
    },
  ];
}

/** Whether a match says what the code is in the other system. */
export const isAcceptable = ({ equivalence, concept }: Match): boolean =>
  concept !== undefined && equivalence !== 'unmatched' && equivalence !== 'disjoint';
