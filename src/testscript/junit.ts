/**
 * JUnit XML, which build servers read: a suite per script, a case per test; a failure of the setup or a fault of the script is a case of its own.
 * @module
 */
import { type ActionResult, failed, type ScriptResult, worst } from './result.ts';

/** Characters that XML 1.0 has no place for are left out. */
const escaped = (text: string): string =>
  text
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '',
    )
    .replace(/[&<>"'\n\r\t]/g, c => `&#${c.charCodeAt(0)};`);

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const first = (actions: readonly ActionResult[]): string => actions.find(a => a.result === 'fail' || a.result === 'error')?.message ?? '';

interface Case {
  readonly name: string;
  readonly ms: number;
  readonly inside: string;
}

const inside = (kind: 'failure' | 'error' | 'skipped', message: string): string => `<${kind} message="${escaped(message)}"/>`;

function casesOf({ fault, setup, tests, teardown }: ScriptResult): Case[] {
  const setupIs = worst(setup);
  const before: Case[] = [
    ...(fault === undefined ? [] : [{ name: '(script)', ms: 0, inside: inside('error', fault) }]),
    ...(setupIs === 'fail' || setupIs === 'error'
      ? [{ name: '(setup)', ms: 0, inside: inside(setupIs === 'fail' ? 'failure' : 'error', first(setup)) }]
      : []),
  ];
  const own = tests.map(({ name, ms, result, reason = '' }) => ({
    name,
    ms,
    inside:
      result === 'fail'
        ? inside('failure', reason)
        : result === 'error'
          ? inside('error', reason)
          : result === 'skip'
            ? inside('skipped', reason)
            : result === 'warning'
              ? `<system-out>${escaped(`warning: ${reason}`)}</system-out>`
              : '',
  }));
  const after = teardown
    .filter(a => a.result === 'error')
    .map(a => ({ name: '(teardown)', ms: 0, inside: inside('error', a.message ?? '') }));
  return [...before, ...own, ...after];
}

export function junit(results: readonly ScriptResult[]): string {
  const suites = results.map(result => {
    const cases = casesOf(result);
    const count = (kind: string): number => cases.filter(c => c.inside.startsWith(`<${kind} `)).length;
    const rows = cases.map(
      c =>
        `    <testcase classname="${escaped(result.name)}" name="${escaped(c.name)}" time="${seconds(c.ms)}"${c.inside === '' ? '/>' : `>${c.inside}</testcase>`}\n`,
    );
    return `  <testsuite name="${escaped(result.name)}" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds(result.ms)}" timestamp="${result.issued}">\n${rows.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="TestScript" failed="${results.some(failed)}">\n${suites.join('')}</testsuites>\n`;
}
