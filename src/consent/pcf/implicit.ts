/**
 * What holds as long as no consent on file says anything: one policy for everybody, a setting.
 * IHE PCF: https://profiles.ihe.net/ITI/PCF/volume-1.html#1532-pcf-actor-options (Implicit Consent Option)
 * @module
 */
import { actReason, type Coding, covers, isBreakGlass } from './codes.ts';

export const implicitPolicies = ['basic-normal', 'all-normal', 'break-glass-only', 'deny'] as const;
export type ImplicitPolicy = (typeof implicitPolicies)[number];

export const policyUri = (policy: ImplicitPolicy): string => `https://profiles.ihe.net/ITI/PCF/Policy-${policy}`;

const treatment: Coding = { system: actReason, code: 'TREAT' };

/** Whoever breaks the glass has been found entitled before this is asked; `all-normal` leaves it to roles and scopes which uses are authorized. */
const permits: Readonly<Record<ImplicitPolicy, (purpose: Coding) => boolean>> = {
  'basic-normal': purpose => covers(treatment, purpose),
  'all-normal': () => true,
  'break-glass-only': isBreakGlass,
  deny: () => false,
};

export const permittedBy = (policy: ImplicitPolicy, purposes: readonly Coding[]): boolean =>
  purposes.length > 0 && purposes.every(permits[policy]);
