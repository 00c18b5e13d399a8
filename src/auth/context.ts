/**
 * The context an app starts in: made by an institution's system for a launch from there, or chosen by who signs in; kept beside the grant.
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-context-data
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Kept } from '../fhir/store/kept.ts';

/** References are `Type/id`. */
export interface LaunchContext {
  readonly patient?: string;
  readonly encounter?: string;
  readonly intent?: string;
  readonly needPatientBanner?: boolean;
}

/** A launch that an institution has prepared for one app. */
export interface Launch extends LaunchContext {
  readonly clientId: string;
  /** `Organization/<id>` that made it: only its own staff may take it up. */
  readonly organization: string;
}

export const launchLifeSeconds = 300;

export interface Contexts {
  /** @returns the handle: 256 bits, of letters that no form decodes into others */
  prepare(launch: Launch): Promise<string>;
  /** Undefined: never was, is over, or was taken up. */
  launch(handle: string): Promise<Launch | undefined>;
  /** False: somebody else was first. */
  takeUp(handle: string): Promise<boolean>;
  keep(grantId: string, context: LaunchContext, lifeSeconds: number): Promise<void>;
  of(grantId: string): Promise<LaunchContext | undefined>;
  /** By the name under which its grant is kept, as tokens tell it. */
  named(grant: string): Promise<LaunchContext | undefined>;
}

export function openContexts(kept: Kept, now: () => number): Contexts {
  const named = async (grant: string) => (await kept.find('LaunchContext', grant)) as LaunchContext | undefined;
  return {
    async prepare(launch) {
      const handle = randomBytes(32).toString('base64url');
      await kept.put('Launch', handle, { ...launch, ends: now() + launchLifeSeconds * 1000 }, launchLifeSeconds);
      return handle;
    },
    async launch(handle) {
      const found = (await kept.find('Launch', handle)) as (Launch & { ends: number; consumed?: true }) | undefined;
      return found === undefined || found.consumed || found.ends <= now() ? undefined : found;
    },
    takeUp: handle => kept.use('Launch', handle),
    keep: (grantId, context, lifeSeconds) => kept.put('LaunchContext', kept.nameOf('Grant', grantId), { ...context }, lifeSeconds),
    of: grantId => named(kept.nameOf('Grant', grantId)),
    named,
  };
}

const idOf = (reference: string): string => reference.slice(reference.indexOf('/') + 1);

/** As it stands in the token answer and in an introspection. */
export const parametersOf = ({ patient, encounter, intent, needPatientBanner }: LaunchContext): Record<string, string | boolean> => ({
  ...(patient === undefined ? {} : { patient: idOf(patient) }),
  ...(encounter === undefined ? {} : { encounter: idOf(encounter) }),
  ...(intent === undefined ? {} : { intent }),
  ...(patient === undefined ? {} : { need_patient_banner: needPatientBanner ?? true }),
});
