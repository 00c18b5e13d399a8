/**
 * Every problem a client can meet, in one table: HTTP status and IssueType; and the one function that turns anything thrown into an answer.
 * A text names the element or parameter, never its value.
 * R4: https://hl7.org/fhir/R4/operationoutcome.html, https://hl7.org/fhir/R4/http.html#Status-Codes
 * @module
 */
import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';

type IssueCode = OperationOutcomeIssue['code'];

const row = (status: number, code: IssueCode, text: string) => ({ status, code, text });

/** Problem → HTTP status, IssueType code, sentence used when the thrower gives none. */
export const problems = {
  'invalid-json': row(400, 'structure', 'The body is not well-formed JSON.'),
  'invalid-xml': row(400, 'structure', 'The body is not well-formed XML.'),
  'too-deep': row(400, 'structure', 'The body is nested too deeply.'),
  'invalid-structure': row(400, 'structure', 'The resource has an element that FHIR R4 does not know, or of the wrong shape.'),
  'invalid-value': row(400, 'value', 'A value does not have the format of its type.'),
  'invalid-request': row(400, 'invalid', 'The request cannot be understood.'),
  'invalid-parameter': row(400, 'invalid', 'A parameter of the request is unknown or has an unusable value.'),
  login: row(401, 'login', 'This needs an access token: send "Authorization: Bearer …".'),
  forbidden: row(403, 'forbidden', 'This client may not do that.'),
  'not-found': row(404, 'not-found', 'There is no such resource.'),
  'unknown-type': row(404, 'not-supported', 'FHIR R4 has no such resource type or operation.'),
  'method-not-allowed': row(405, 'not-supported', 'This method is not supported here.'),
  'not-acceptable': row(406, 'not-supported', 'JSON and XML are served: application/fhir+json, application/fhir+xml.'),
  conflict: row(409, 'conflict', 'The request conflicts with the state of the server.'),
  deleted: row(410, 'deleted', 'The resource was deleted.'),
  'precondition-failed': row(412, 'conflict', 'A precondition of the request is not met.'),
  'multiple-matches': row(412, 'multiple-matches', 'The criteria match more than one resource.'),
  'too-long': row(413, 'too-long', 'The request is larger than this server takes.'),
  'uri-too-long': row(414, 'too-long', 'The URL is longer than this server takes.'),
  'unsupported-media-type': row(415, 'not-supported', 'Send application/fhir+json or application/fhir+xml.'),
  required: row(422, 'required', 'A required element is missing.'),
  'code-invalid': row(422, 'code-invalid', 'A code is not in the value set that its element requires.'),
  invariant: row(422, 'invariant', 'The resource breaks a rule of the specification.'),
  'not-in-profile': row(422, 'structure', 'The resource does not conform to a profile.'),
  'value-not-in-profile': row(422, 'value', 'A value is not the one that a profile asks for.'),
  'unsafe-narrative': row(422, 'invariant', 'The narrative holds what a narrative may not hold.'),
  'reference-type': row(422, 'value', 'A reference leads to a type that its element does not allow.'),
  'dangling-reference': row(422, 'not-found', 'A reference leads to nothing.'),
  'business-rule': row(422, 'business-rule', 'A rule of this server forbids it.'),
  unprocessable: row(422, 'processing', 'What was sent cannot be done with the resource as it is.'),
  'too-costly': row(422, 'too-costly', 'This would need more work than one request may ask for.'),
  exception: row(500, 'exception', 'An internal error; give the request id to the operator of this server.'),
  unavailable: row(503, 'transient', 'The server cannot answer now; try again.'),
  timeout: row(504, 'too-costly', 'The answer took longer than one request may take.'),
} as const satisfies Record<string, { status: number; code: IssueCode; text: string }>;

export type ProblemKind = keyof typeof problems;

/** One finding. `expression` is the FHIRPath of the culprit, `Bundle.entry[3].resource…` inside a Bundle, or `http.name` for a parameter. */
export interface Finding {
  readonly kind: ProblemKind;
  /** One sentence; names the element or parameter, never its value. */
  readonly text?: string;
  readonly expression?: string;
  /** Absent: an error. What is none never refuses anything. */
  readonly severity?: 'warning' | 'information';
}

/** The one error class. Its first finding decides the status, unless a later one is graver (400 before 422). */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly findings: readonly Finding[];
  /** Headers that go with the answer, `Retry-After` for one. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    text?: string,
    more: { expression?: string; findings?: readonly Finding[]; headers?: Record<string, string> } = {},
  ) {
    super(text ?? problems[kind].text);
    this.name = 'Problem';
    this.kind = kind;
    this.findings = more.findings ?? [
      { kind, text: this.message, ...(more.expression === undefined ? {} : { expression: more.expression }) },
    ];
    this.headers = more.headers ?? {};
  }

  /** A problem made of what a validation found; the status is the lowest of theirs (400 before 422). */
  static of(findings: readonly Finding[]): Problem {
    const first = findings.reduce((a, b) => (problems[b.kind].status < problems[a.kind].status ? b : a));
    return new Problem(first.kind, first.text, { findings });
  }

  get status(): number {
    return problems[this.kind].status;
  }

  /** The same problem with its expressions below a place: `at('Bundle.entry[3].resource')` turns `Patient.birthDate` into `Bundle.entry[3].resource.birthDate`. */
  at(place: string): Problem {
    const moved = this.findings.map(f => ({ ...f, expression: f.expression === undefined ? place : below(place, f.expression) }));
    return new Problem(this.kind, this.message, { findings: moved, headers: { ...this.headers } });
  }
}

const below = (place: string, expression: string): string => {
  if (expression.startsWith('Bundle.entry[')) return expression;
  const dot = expression.indexOf('.');
  return dot < 0 ? place : place + expression.slice(dot);
};

export const issue = (f: Finding): OperationOutcomeIssue => ({
  severity: f.severity ?? 'error',
  code: problems[f.kind].code,
  details: { text: f.text ?? problems[f.kind].text },
  ...(f.expression === undefined ? {} : { expression: [f.expression] }),
});

/** Anything thrown → status, headers and OperationOutcome. What is no Problem is a bug: the client learns the request id alone. */
export function answerOf(
  thrown: unknown,
  requestId?: string,
): { status: number; headers: Readonly<Record<string, string>>; outcome: OperationOutcome } {
  if (thrown instanceof Problem) {
    return {
      status: thrown.status,
      headers: thrown.headers,
      outcome: { resourceType: 'OperationOutcome', issue: thrown.findings.slice(0, 100).map(issue) },
    };
  }
  const text = requestId === undefined ? problems.exception.text : `${problems.exception.text} Request id: ${requestId}`;
  return { status: 500, headers: {}, outcome: { resourceType: 'OperationOutcome', issue: [issue({ kind: 'exception', text })] } };
}

/** An informational outcome: what was done, or which parameter was left out. */
export const information = (text: string, severity: 'information' | 'warning' = 'information'): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity, code: 'informational', details: { text } }],
});
