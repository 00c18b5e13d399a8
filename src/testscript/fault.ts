/**
 * What stops an action without any judgement of the server: the script cannot be carried out as it is written, or may not be.
 * A fault is an error in the report, never a pass and never a failure of the server.
 * R4: https://hl7.org/fhir/R4/valueset-report-action-result-codes.html
 * @module
 */

/** One sentence that says what of the script cannot be done. */
export class Fault extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'Fault';
  }
}

/** A variable that has no value now: an error in a setup or test; in a teardown there is simply nothing to clear away. */
export class Undefined extends Fault {
  constructor(name: string, why: string) {
    super(`The variable ${name} has no value: ${why}`);
    this.name = 'Undefined';
  }
}

/** A text of the script or the server as it may stand in a message: one line, cut. */
export function shown(text: string, longest = 160): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** What anything thrown says, in one line. */
export const said = (error: unknown): string => shown(error instanceof Error ? error.message : String(error), 300);
