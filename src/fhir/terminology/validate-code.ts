/**
 * Whether a code is one of a system, or of a value set, and whether the display that came with it is one of its names.
 * R4: https://hl7.org/fhir/R4/codesystem-operation-validate-code.html, https://hl7.org/fhir/R4/valueset-operation-validate-code.html
 * @module
 */
import type { CodeSet } from './code-set.ts';
import type { System } from './code-system.ts';
import { displayIn, isNameOf } from './display.ts';
import { find } from './members.ts';
import { newWork } from './work.ts';

export interface Sent {
  readonly system?: string;
  readonly version?: string;
  readonly code: string;
  readonly display?: string;
}

export interface Rules {
  /** False: what only groups others is no valid code. */
  readonly abstract?: boolean;
  /** Of the display that is recommended. */
  readonly displayLanguage?: string;
}

export interface Verdict {
  readonly result: boolean;
  readonly message?: string;
  readonly display?: string;
}

const no = (message: string): Verdict => ({ result: false, message });

/** Undefined: that cannot be said here, where the system is not all here. */
export function judgeInSystem(system: System, { code, display }: Sent, rules: Rules): Verdict | undefined {
  const concept = system.find(code);
  if (concept === undefined) return system.content === 'complete' ? no('The code system has no such code.') : undefined;
  return judged(concept, display, displayIn(concept, rules.displayLanguage, system.language), rules);
}

/** Undefined: that cannot be said here. */
export function judgeInSet(set: CodeSet, { system, code, display }: Sent, rules: Rules): Verdict | undefined {
  const member = find(set, system, code, newWork());
  if (member === undefined) return undefined;
  if (member === false) return no('The value set has no such code.');
  return judged(member, display, displayIn(member, rules.displayLanguage, member.known?.language), rules);
}

function judged(
  named: Parameters<typeof isNameOf>[0] & { readonly isAbstract: boolean; readonly isInactive: boolean },
  sent: string | undefined,
  display: string | undefined,
  { abstract }: Rules,
): Verdict {
  const recommended = display === undefined ? {} : { display };
  if (abstract === false && named.isAbstract) return { ...no('The code is abstract: it only groups others.'), ...recommended };
  // A code without any name cannot have a wrong one.
  if (sent !== undefined && display !== undefined && !isNameOf(named, sent))
    return { ...no('The display is not one of the code.'), ...recommended };
  return { result: true, ...(named.isInactive ? { message: 'The code is inactive.' } : {}), ...recommended };
}
