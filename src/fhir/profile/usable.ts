/**
 * Whether a StructureDefinition that is to be stored can be used: its base is known, its differential goes with it, its expressions can be evaluated.
 * R4: https://hl7.org/fhir/R4/structuredefinition.html, https://hl7.org/fhir/R4/profiling.html
 * @module
 */
import { withDeadline } from '../model/deadline.ts';
import { type Finding, Problem } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import { budget } from './budget.ts';
import { type Definition, isStructure, mostElements, type Node, treeOf } from './definition.ts';
import { stepsIn } from './discriminators.ts';
import { judge, load } from './expression.ts';
import { hasElement } from './items.ts';
import { isProfile, Library, type Source } from './library.ts';
import { generate } from './snapshot.ts';

/** For all expressions of one definition, in milliseconds. */
const definitionMs = 1_000;

/**
 * Why a StructureDefinition cannot be used; nothing of one that is no profile.
 * @param source of its base and of the profiles of its types
 * @param beside others that come with it
 */
export async function definitionFindings(
  resource: AnyResource,
  beside: readonly AnyResource[],
  source: Source,
): Promise<readonly Finding[]> {
  if (!isStructure(resource) || !isProfile(resource)) return [];
  const { snapshot, differential, baseDefinition = '' } = resource;
  const findings: Finding[] = [];
  for (const [name, list] of [
    ['differential', differential?.element ?? []],
    ['snapshot', snapshot?.element ?? []],
  ] as const) {
    if (list.length > mostElements)
      return [
        {
          kind: 'too-costly',
          text: 'The definition has more elements than this server takes.',
          expression: `StructureDefinition.${name}`,
        },
      ];
    findings.push(...expressionFindings(list, `StructureDefinition.${name}`));
  }
  const own = new Library(async canonical => {
    const [url, version] = canonical.split('|');
    return (
      beside.find(one => one['url'] === url && (version === undefined || one['version'] === version) && one !== resource) ??
      (await source(canonical))
    );
  }, Date.now);
  const trail = new Set([resource.url]);
  const base = await own.below(baseDefinition, trail);
  const hasSnapshot = snapshot !== undefined && snapshot.element.length > 0;
  if (hasSnapshot) findings.push(...strangersIn(snapshot.element, resource.type));
  if (base === undefined) {
    if (!hasSnapshot)
      findings.push({
        kind: 'business-rule',
        text: 'The baseDefinition is not known here: send it before, or in the same transaction.',
        expression: 'StructureDefinition.baseDefinition',
      });
  } else if (base.name !== resource.type) {
    findings.push({ kind: 'business-rule', text: 'The baseDefinition is for another type.', expression: 'StructureDefinition.type' });
  } else if (!hasSnapshot) findings.push(...(await generate(resource, base, one => own.below(one, trail))).findings);
  return once(findings);
}

/** Invariants that cannot be evaluated, discriminators that cannot be followed. */
function expressionFindings(elements: readonly Definition[], place: string): Finding[] {
  const findings: Finding[] = [];
  const add = (text: string, expression: string) => findings.push({ kind: 'business-rule', text, expression });
  const memo = new Map<string, string | undefined>();
  if (elements.some(({ constraint }) => constraint !== undefined)) load();
  const left = budget();
  const start = performance.now();
  try {
    if (left.ms <= 0) throw new Problem('too-costly');
    withDeadline(Math.min(definitionMs, left.ms), () => {
      findings.length = 0;
      for (const [i, { constraint = [], slicing }] of elements.entries()) {
        for (const [j, { expression }] of constraint.entries()) {
          if (expression === undefined) continue;
          if (!memo.has(expression)) memo.set(expression, judge(expression).refusal);
          const refusal = memo.get(expression);
          if (refusal !== undefined)
            add(`The expression of an invariant ${refusal}.`, `${place}.element[${i}].constraint[${j}].expression`);
        }
        for (const [j, { path }] of (slicing?.discriminator ?? []).entries())
          if (stepsIn(path) === undefined)
            add('The path of a discriminator is none that R4 allows.', `${place}.element[${i}].slicing.discriminator[${j}].path`);
      }
    });
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    findings.push({ kind: 'too-costly', text: 'The expressions of the definition take too long to read.', expression: place });
  } finally {
    left.ms -= performance.now() - start;
  }
  return findings;
}

/** Elements of a snapshot that its type does not have. */
function strangersIn(elements: readonly Definition[], type: string): Finding[] {
  const root = treeOf(elements);
  const findings: Finding[] = [];
  const at = (definition: Definition) => `StructureDefinition.snapshot.element[${Math.max(0, elements.indexOf(definition))}]`;
  const visit = (node: Node, inType: string): void => {
    for (const child of node.children) {
      if (!hasElement(inType, child.name)) {
        findings.push({
          kind: 'business-rule',
          text: 'The snapshot has an element that its type does not have.',
          expression: at(child.definition),
        });
        continue;
      }
      for (const one of [child, ...child.slices]) {
        const codes = new Set(one.definition.type?.map(({ code }) => code));
        const [code] = codes;
        const group = `${inType}.${child.name}`;
        const inner = code === 'BackboneElement' || code === 'Element' ? group : code;
        if (codes.size === 1 && inner !== undefined && /^[A-Za-z.]+$/.test(inner)) visit(one, inner);
      }
    }
  };
  if (root?.name !== type)
    findings.push({
      kind: 'business-rule',
      text: 'The snapshot does not begin with the type of the definition.',
      expression: 'StructureDefinition.snapshot',
    });
  else visit(root, type);
  return findings;
}

/** Each finding once, though several profiles led to it. */
export function once(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ kind, text, expression }) => {
    const key = JSON.stringify([kind, text, expression]);
    return !seen.has(key) && seen.add(key);
  });
}
