/**
 * The TestReport of a script: the same setup, tests and teardown, each action with its result.
 * R4: https://hl7.org/fhir/R4/testreport.html
 * @module
 */
import type { TestReport, TestReportSetupAction, TestReportTeardownAction, TestReportTestAction } from '@medplum/fhirtypes';
import { type ActionResult, counts, failed, type ScriptResult } from './result.ts';

export interface Reporter {
  /** Who ran it; absent: nobody is named. */
  readonly tester?: string;
  /** Base URL of the server. */
  readonly server: string;
  /** Name and version of the server, from its CapabilityStatement. */
  readonly serverName?: string;
  readonly engineName: string;
}

const engineUri = 'urn:noren:testscript';

/** A FHIR string is not empty and has no control characters. */
const clean = (text: string): string =>
  [...text]
    .map(c => (c < ' ' && c !== '\n' && c !== '\t' && c !== '\r' ? ' ' : c))
    .join('')
    .trim() || '-';

const isUri = (text: string): boolean => /^[^\s\u0000-\u0020]+$/.test(text);

function action({ kind, result, message, detail }: ActionResult): TestReportSetupAction & TestReportTestAction {
  const kept = detail !== undefined && (kind === 'assert' || isUri(detail)) ? { detail: clean(detail) } : {};
  const said = { result, ...(message === undefined ? {} : { message: clean(message) }), ...kept };
  return kind === 'operation' ? { operation: said } : { assert: said };
}

/** Percent of the tests that were run and passed, warnings included; undefined: none was run. */
function score({ tests }: ScriptResult): number | undefined {
  const { pass, warning, fail, error } = counts(tests);
  const run = pass + warning + fail + error;
  return run === 0 ? undefined : Math.round(((pass + warning) / run) * 10_000) / 100;
}

export function testReport(result: ScriptResult, { tester, server, serverName, engineName }: Reporter): TestReport {
  const { name, url, version, fault, setup, tests, teardown, issued } = result;
  const percent = score(result);
  const { skip } = counts(tests);
  return {
    resourceType: 'TestReport',
    ...(fault === undefined && skip === 0
      ? {}
      : {
          text: {
            status: 'additional',
            div: narrative([
              ...(fault === undefined ? [] : [fault]),
              ...(skip === 0 ? [] : [`Skipped: ${skip} of ${tests.length} tests.`]),
            ]),
          },
        }),
    name: clean(name),
    status: 'completed',
    testScript:
      url !== undefined && isUri(url) ? { reference: version === undefined ? url : `${url}|${version}` } : { display: clean(name) },
    result: failed(result) ? 'fail' : 'pass',
    ...(percent === undefined ? {} : { score: percent }),
    ...(tester === undefined ? {} : { tester: clean(tester) }),
    issued,
    participant: [
      { type: 'test-engine', uri: engineUri, display: engineName },
      { type: 'server', uri: server, ...(serverName === undefined ? {} : { display: clean(serverName) }) },
    ],
    ...(setup.length === 0 ? {} : { setup: { action: setup.map(action) } }),
    ...(tests.length === 0
      ? {}
      : {
          test: tests.map(t => ({
            name: clean(t.name),
            ...(t.description === undefined ? {} : { description: clean(t.description) }),
            action: t.actions.map(action),
          })),
        }),
    ...(teardown.length === 0 ? {} : { teardown: { action: teardown.map(action) as TestReportTeardownAction[] } }),
  };
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);

const narrative = (lines: readonly string[]): string =>
  `<div xmlns="http://www.w3.org/1999/xhtml">${lines.map(line => `<p>${escaped(clean(line))}</p>`).join('')}</div>`;
