/**
 * JUnit XML, which build servers read: a suite per script, a case per test; a failure of the setup or a fault of the script is a case of its own.
 * @module
 */
import { type ActionResult, type ScriptResult, worst } from './result.ts';

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

const kinds = { failures: 'failure', errors: 'error', skipped: 'skipped' } as const;

/** `name="…" tests="…" failures="…" …` */
function counted(name: string, cases: readonly Case[], ms: number): string {
  const counts = Object.entries(kinds).map(
    ([attribute, kind]) => `${attribute}="${cases.filter(c => c.inside.startsWith(`<${kind} `)).length}"`,
  );
  return `name="${escaped(name)}" tests="${cases.length}" ${counts.join(' ')} time="${seconds(ms)}"`;
}

export function junit(results: readonly ScriptResult[]): string {
  const all = results.map(result => ({ result, cases: casesOf(result) }));
  const suites = all.map(({ result, cases }) => {
    const rows = cases.map(({ name, ms, inside }) => {
      const open = `    <testcase classname="${escaped(result.name)}" name="${escaped(name)}" time="${seconds(ms)}"`;
      return inside === '' ? `${open}/>\n` : `${open}>${inside}</testcase>\n`;
    });
    return `  <testsuite ${counted(result.name, cases, result.ms)} timestamp="${result.issued}">\n${rows.join('')}  </testsuite>\n`;
  });
  const time = results.reduce((sum, { ms }) => sum + ms, 0);
  const whole = counted(
    'TestScript',
    all.flatMap(({ cases }) => cases),
    time,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${whole}>\n${suites.join('')}</testsuites>\n`;
}
