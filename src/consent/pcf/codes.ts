/**
 * Codes that cover other codes: a purpose of use its sub-purposes (HRESCH: BIORCH, CLINTRCH …), a sensitivity its kinds, a confidentiality by its height.
 * The trees are R4's own (v3-ActReason, v3-ActCode, v3-ParticipationType); a code of another system covers itself alone.
 * R4: https://hl7.org/fhir/R4/v3/PurposeOfUse/vs.html, https://hl7.org/fhir/R4/security-labels.html
 * @module
 */
import type { CodeSystem, CodeSystemConcept } from '@medplum/fhirtypes';
import { definitions } from '../../fhir/model/r4.ts';

export interface Coding {
  /** Absent only where a code was asked for without one. */
  readonly system?: string;
  readonly code: string;
}

const v3 = 'http://terminology.hl7.org/CodeSystem/v3-';
export const actReason = v3 + 'ActReason';
export const actCode = v3 + 'ActCode';
export const confidentiality = v3 + 'Confidentiality';
export const participationType = v3 + 'ParticipationType';

/** Code → itself and all that stand above it. */
type Tree = ReadonlyMap<string, ReadonlySet<string>>;

let trees: ReadonlyMap<string, Tree> | undefined;

/** Read once, at the first question: the file has 7 MB. */
function treeOf(system: string | undefined): Tree | undefined {
  trees ??= new Map(
    definitions<CodeSystem>('v3-codesystems.json')
      .entry!.map(entry => entry.resource!)
      .filter(one => one.resourceType === 'CodeSystem' && [actReason, actCode, participationType].includes(one.url!))
      .map(one => [one.url!, readTree(one.concept ?? [])] as const),
  );
  return system === undefined ? undefined : trees.get(system);
}

function readTree(roots: readonly CodeSystemConcept[]): Tree {
  const parents = new Map<string, Set<string>>();
  const place = (concept: CodeSystemConcept, parent?: string): void => {
    const code = concept.code!;
    const above = parents.get(code) ?? new Set();
    if (parent !== undefined) above.add(parent);
    parents.set(code, above);
    for (const child of concept.concept ?? []) place(child, code);
    // A second place in the tree is written as a property.
    for (const { code: name, valueCode } of concept.property ?? [])
      if (name === 'child' && valueCode !== undefined) parents.set(valueCode, (parents.get(valueCode) ?? new Set()).add(code));
  };
  for (const root of roots) place(root);
  const above = (code: string, found = new Set<string>()): Set<string> => {
    if (found.has(code)) return found;
    found.add(code);
    for (const parent of parents.get(code) ?? []) above(parent, found);
    return found;
  };
  return new Map([...parents.keys()].map(code => [code, above(code)]));
}

/** Whether `wide` is the same code as `narrow`, or stands above it. */
export const covers = (wide: Coding, narrow: Coding): boolean =>
  wide.system === narrow.system && (wide.code === narrow.code || treeOf(wide.system)?.get(narrow.code)?.has(wide.code) === true);

const breakGlass: Coding = { system: actReason, code: 'BTG' };
const research: Coding = { system: actReason, code: 'HRESCH' };
const anyPurpose: Coding = { system: actReason, code: 'PurposeOfUse' };

export const isBreakGlass = (purpose: Coding): boolean => covers(breakGlass, purpose);

/** Whether a rule about one purpose touches what is asked for the other. Who breaks the glass says so: no wider purpose means it. */
export const touches = (rule: Coding, asked: Coding): boolean => covers(rule, asked) || (covers(asked, rule) && !isBreakGlass(rule));

/** Research, a purpose that holds research, or one that nobody here knows (a project's own code). */
export const mayBeResearch = (purpose: Coding): boolean => touches(research, purpose) || !covers(anyPurpose, purpose);

const sensitivity: Coding = { system: actCode, code: '_InformationSensitivityPolicy' };

export const isSensitivity = (label: Coding): boolean => covers(sensitivity, label);

/** Whoever receives, in any of its kinds. */
export const isRecipient = (role: Coding): boolean => covers({ system: participationType, code: 'IRCP' }, role);

/** R4: https://hl7.org/fhir/R4/v3/Confidentiality/cs.html, from the lowest to the highest. */
const heights = ['U', 'L', 'M', 'N', 'R', 'V'];

/** How confidential: 0 for U up to 5 for V; a code that nobody knows is higher than all. */
export const height = ({ code }: Coding): number => (heights.includes(code) ? heights.indexOf(code) : Number.POSITIVE_INFINITY);
export const restricted = heights.indexOf('R');
