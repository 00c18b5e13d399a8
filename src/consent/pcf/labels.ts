/**
 * Security labels of a resource against those of a rule. Confidentiality is a high-water mark: a permit of N is one of N and lower, a deny of R one of R and higher.
 * Where it is not sure what a resource is, a permit does not hold for it and a deny does.
 * R4: https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision.securityLabel, https://hl7.org/fhir/R4/security-labels.html
 * @module
 */
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { type Coding, confidentiality, covers, height, isSensitivity, restricted } from './codes.ts';

interface Labels {
  /** The highest; undefined: none is given. */
  readonly height: number | undefined;
  readonly sensitivities: readonly Coding[];
  readonly all: readonly Coding[];
}

const codings = (value: unknown): Coding[] =>
  ([value ?? []].flat() as Json[]).flatMap(one => {
    if (one === null || typeof one !== 'object') return [];
    if (one['coding'] !== undefined) return codings(one['coding']);
    const { system, code } = one;
    return typeof code === 'string' ? [{ code, ...(typeof system === 'string' ? { system } : {}) }] : [];
  });

/** Labels of a resource and of everything that stands in it. */
export function labelsOf(resource: AnyResource): Labels {
  const all: Coding[] = [];
  const walk = (node: Json): void => {
    if (typeof node['resourceType'] === 'string') {
      all.push(...codings((node['meta'] as Json | undefined)?.['security']));
      if (node['resourceType'] === 'DocumentReference') all.push(...codings(node['securityLabel']));
      const { confidentiality: code } = node;
      if (node['resourceType'] === 'Composition' && typeof code === 'string') all.push({ system: confidentiality, code });
    }
    for (const child of Object.values(node))
      for (const one of [child].flat()) if (one !== null && typeof one === 'object') walk(one as Json);
  };
  walk(resource);
  const heights = all.filter(one => one.system === confidentiality).map(height);
  return { height: heights.length === 0 ? undefined : Math.max(...heights), sensitivities: all.filter(isSensitivity), all };
}

const isKnown = (level: Coding): boolean => Number.isFinite(height(level));
const has = ({ all }: Labels, label: Coding): boolean => all.some(one => one.system === label.system && one.code === label.code);

/** Whether a permit of these labels is one of a resource with those. A resource with several sensitivities needs a permit of each. */
export function permitsLabels(rule: readonly Coding[], labels: Labels): boolean {
  const named = rule.filter(isSensitivity);
  if (labels.sensitivities.length > 0 && labels.sensitivities.every(one => named.some(wide => covers(wide, one)))) return true;
  return rule.some(one => {
    if (one.system !== confidentiality) return !isSensitivity(one) && has(labels, one);
    return labels.height !== undefined && isKnown(one) && labels.height <= height(one);
  });
}

/** Whether a deny of these labels may be one of a resource with those. */
export const forbidsLabels = (rule: readonly Coding[], labels: Labels): boolean =>
  rule.some(one => {
    if (one.system === confidentiality) return labels.height === undefined || !isKnown(one) || labels.height >= height(one);
    if (!isSensitivity(one)) return has(labels, one) || labels.all.length === 0;
    // A wider label may mean it, and what is restricted without saying why may be so because of it.
    if (labels.sensitivities.length > 0) return labels.sensitivities.some(label => covers(one, label) || covers(label, one));
    return labels.height === undefined || labels.height >= restricted;
  });
