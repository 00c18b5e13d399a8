/**
 * Residual rules on one resource: no forbid that matches means allowed; a permit that matches lifts the forbids that are wider than itself.
 * A permit matches what it surely means, a forbid what it may mean: data without labels under a rule by labels are not given.
 * IHE PCF: https://profiles.ihe.net/ITI/PCF/other.html (residual)
 * @module
 */
import type { AnyResource } from '../../fhir/model/r4.ts';
import { type Answer, inPeriod, isData, type Seeing } from './about.ts';
import { forbidsLabels, labelsOf, permitsLabels } from './labels.ts';
import { isNarrowerLimit, isUnlimited, type Limits } from './rule.ts';

/** A rule as others may write it: the guide's examples say `deny` for forbid once. */
export interface WrittenRule extends Limits {
  readonly type: 'forbid' | 'deny' | 'permit';
}

export function allows(residual: readonly WrittenRule[], resource: AnyResource, seeing: Seeing): boolean {
  const forbids = residual.filter(rule => rule.type !== 'permit' && mayMean(rule, resource, seeing));
  if (forbids.length === 0) return true;
  const permits = residual.filter(rule => rule.type === 'permit' && surelyMeans(rule, resource, seeing));
  return forbids.every(forbid => permits.some(permit => isUnlimited(forbid) || isNarrowerLimit(permit, forbid, seeing.timeZone)));
}

/** Elements hold together, repeats of one are alternatives. */
const each = (limits: Limits, resource: AnyResource, seeing: Seeing, fits: (answer: Answer) => boolean): boolean =>
  (limits.dataPeriod.length === 0 || limits.dataPeriod.some(one => fits(inPeriod(resource, one, seeing)))) &&
  (limits.data.length === 0 || limits.data.some(one => fits(isData(resource, one, seeing))));

const surelyMeans = (rule: Limits, resource: AnyResource, seeing: Seeing): boolean =>
  (rule.securityLabel.length === 0 || permitsLabels(rule.securityLabel, labelsOf(resource))) &&
  each(rule, resource, seeing, answer => answer === 'yes');

const mayMean = (rule: Limits, resource: AnyResource, seeing: Seeing): boolean =>
  (rule.securityLabel.length === 0 || forbidsLabels(rule.securityLabel, labelsOf(resource))) &&
  each(rule, resource, seeing, answer => answer !== 'no');
