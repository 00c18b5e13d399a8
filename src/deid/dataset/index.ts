/**
 * Peculiar values over one data set (measure ④ of the Japanese criteria), in two passes over what leaves: `survey` counts, its plan changes.
 * Documented in docs/deidentification/dataset.md.
 * @module
 */
import type { AnyResource } from '../../fhir/model/r4.ts';
import { withStored } from '../hierarchy/index.ts';
import type { DataSetRules } from '../policy.ts';
import { type Applier, applier } from './apply.ts';
import { type PlanOptions, plan } from './plan.ts';
import { type PlanJson, readPlan } from './plan-json.ts';
import { readPopulation } from './population.ts';
import type { Report } from './report.ts';
import { clinical, Survey, type SurveyJson, type SurveyOptions } from './survey.ts';
import { traitsOf } from './traits.ts';

export type { Report } from './report.ts';

export interface DataSetOptions extends SurveyOptions, PlanOptions {}

/** The second pass: needs nothing but the plan. */
export interface Ready {
  readonly json: PlanJson;
  /** SHA-256 (hex) of the plan in canonical JSON. */
  readonly hash: string;
  /** One resource as the policy leaves it, one that was surveyed. */
  readonly apply: Applier['apply'];
}

/** The first pass. */
export interface DataSet {
  /** All that leaves of one person; see `Survey.add` for persons in pieces. */
  readonly add: (person: string, resources: Iterable<AnyResource>) => void;
  /** For another worker's `merge`: not anonymous. */
  readonly toJSON: () => SurveyJson;
  readonly merge: (other: SurveyJson) => void;
  readonly plan: () => Ready & { readonly report: Report };
}

/** What a policy says of data sets, ready for a survey. @throws PolicyError */
export const optionsOf = ({ population, hierarchies, ...rules }: DataSetRules): DataSetOptions => ({
  ...rules,
  ...(population === undefined ? {} : { population: readPopulation(population, 'dataSet.population') }),
  ...(hierarchies === undefined ? {} : { hierarchy: withStored(hierarchies, 'dataSet.hierarchies') }),
});

/** The same, and for the report what goes together in one person: pairs of diagnoses, procedures, drugs, and each of these with what anybody may know of him. */
export const reported = (options: DataSetOptions): DataSetOptions => ({ ...options, combine: clinical, traits: traitsOf });

/** @throws RangeError for a k below 2, PolicyError (at the plan) for percentiles that are none */
export function survey(options: DataSetOptions = {}): DataSet {
  const counted = new Survey(options);
  return {
    add: (person, resources) => counted.add(person, resources),
    toJSON: () => counted.toJSON(),
    merge: other => counted.merge(other),
    plan: () => {
      const { json, report } = plan(counted, options);
      return { json, report, ...applier(json) };
    },
  };
}

/** A plan from a file or another worker. @throws PolicyError */
export function planFrom(json: unknown): Ready {
  const read = readPlan(json);
  return { json: read, ...applier(read) };
}
