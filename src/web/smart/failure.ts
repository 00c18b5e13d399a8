/**
 * What can go wrong between a page and a server, as the page tells it: six kinds, each with its own way out.
 * R4: https://hl7.org/fhir/R4/http.html#Status-Codes, https://hl7.org/fhir/R4/operationoutcome.html
 * @module
 */

/** expired: sign in again · cancelled: the user said no to the sign-in · refused: the server says why · absent: not offered, or not there · away: try later · offline: this device has no network */
export type FailureKind = 'expired' | 'cancelled' | 'refused' | 'absent' | 'away' | 'offline';

export class Failure extends Error {
  readonly kind: FailureKind;
  readonly status: number;

  /** @param message what the server said, in its words; '' where it said nothing that a person can read */
  constructor(kind: FailureKind, message = '', status = 0) {
    super(message);
    this.name = 'Failure';
    this.kind = kind;
    this.status = status;
  }
}

export const isFailure = (thrown: unknown, ...kinds: readonly FailureKind[]): thrown is Failure =>
  thrown instanceof Failure && (kinds.length === 0 || kinds.includes(thrown.kind));

/** Statuses of what a server does not have or does not let this app use. */
const absent: ReadonlySet<number> = new Set([403, 404, 405, 410, 501]);

/** Text of an OperationOutcome: what was written for people, never what was written for developers. */
function saidBy(body: unknown): string {
  const issues = (body as { issue?: readonly { details?: { text?: string } }[] } | undefined)?.issue;
  return Array.isArray(issues)
    ? issues
        .flatMap(one => one?.details?.text ?? [])
        .slice(0, 3)
        .join(' ')
    : '';
}

/** An answer that is no success. */
export function failureOf(status: number, body: unknown): Failure {
  const said = saidBy(body);
  if (status === 401) return new Failure('expired', said, status);
  if (absent.has(status)) return new Failure('absent', said, status);
  if (status >= 500 || status === 429 || status === 408) return new Failure('away', said, status);
  return new Failure('refused', said, status);
}

/** A request that had no answer: this device without a network, or the server. */
export const noAnswer = (online: boolean): Failure => new Failure(online ? 'away' : 'offline');
