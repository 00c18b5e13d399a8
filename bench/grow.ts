/**
 * Loads the made population into a server, as transaction bundles of about 100 resources from four clients, and keeps the rate of each 100,000 resources.
 * @module
 */
import { call, closedLoop, processorTime, type Target } from './measure.ts';
import { bundle, fewestEach, surroundings } from './population.ts';

/** Of 100,000 resources, or of what was left of them. */
export interface Step {
  readonly resources: number;
  readonly perSecond: number;
  /** Microseconds of the server's processor time a resource: what others do on the machine falsifies it less. */
  readonly spent: number;
}

export interface Growing {
  /** Patients that are there. */
  patients(): number;
  /** Loads into the server, which may have been started anew, until so many patients are there. */
  to(target: Target, patients: number): Promise<readonly Step[]>;
}

const bundleResources = 100;
const stepResources = 100_000;
/** Not counted: the server is compiled meanwhile. */
const warmUp = 10_000;

/** How many patients one bundle holds. @param each resources of a patient */
export const patientsInBundle = (each: number): number => Math.max(1, Math.floor(bundleResources / each));

export function growing(each: number): Growing {
  if (!(each >= fewestEach)) throw new Error(`A patient has at least ${fewestEach} resources.`);
  const post = async (target: Target, body: Buffer): Promise<void> => {
    const headers = { authorization: await target.bearer('tester'), 'content-type': 'application/fhir+json', prefer: 'return=minimal' };
    const send = () => call('POST', target.baseUrl, headers, body);
    // Everything in it is a PUT: where a machine that stood still for a while cost the connection, it is sent again.
    const { status } = await send().catch(send);
    if (status !== 200) throw new Error(`a bundle was answered ${status}`);
  };
  const inBundle = patientsInBundle(each);
  let there = 0;
  async function load(target: Target, end: number): Promise<Step> {
    const from = there;
    const before = processorTime(target.pid);
    const { perSecond, failed } = await closedLoop(4, Number.POSITIVE_INFINITY, n => {
      const first = from + n * inBundle;
      const last = Math.min(end, first + inBundle);
      return first < end ? post(target, bundle(first, last, each)).then(() => (last - first) * each) : undefined;
    });
    if (failed > 0) throw new Error(`${failed} bundles were not taken`);
    there = end;
    const resources = (end - from) * each;
    process.stderr.write(`${(there * each).toLocaleString('en')} resources, ${Math.round(perSecond)}/s\r`);
    return { resources, perSecond, spent: (processorTime(target.pid) - before) / resources };
  }
  return {
    patients: () => there,
    async to(target, patients) {
      if (there === 0) await post(target, surroundings());
      if (there < patients) await load(target, Math.min(patients, there + Math.ceil(warmUp / each)));
      const steps: Step[] = [];
      while (there < patients) {
        const next = (Math.floor((there * each) / stepResources) + 1) * stepResources;
        steps.push(await load(target, Math.min(patients, Math.ceil(next / each))));
      }
      return steps;
    },
  };
}
