/**
 * The table for whoever reads along: a row per script, then every failure, error, skip and warning with its reason.
 * @module
 */
import { shown } from './fault.ts';
import { counts, failed, type Result, type ScriptResult, worst } from './result.ts';

const heads = ['script', 'tests', 'pass', 'warn', 'fail', 'error', 'skip'] as const;

/** No control character of a script or a server reaches the terminal. */
const plain = (text: string): string => shown([...text].map(c => (c < ' ' || (c >= '\u007f' && c <= '\u009f') ? ' ' : c)).join(''), 300);

function trouble(result: ScriptResult): string {
  const { fault, setup, tests, teardown } = result;
  if (fault !== undefined) return fault;
  const bad = ['fail', 'error'];
  if (bad.includes(worst(setup))) return `setup: ${setup.find(a => bad.includes(a.result))?.message ?? ''}`;
  const test = tests.find(t => bad.includes(t.result));
  if (test !== undefined) return `${test.name}: ${test.reason ?? ''}`;
  return teardown.find(a => a.result === 'error')?.message ?? '';
}

/** @param details `all` names warnings too, `failures` only what did not succeed and what was left out */
export function table(results: readonly ScriptResult[], details: 'failures' | 'all'): string {
  const rows = results.map(result => {
    const { pass, warning, fail, error, skip } = counts(result.tests);
    const broken = result.fault !== undefined || worst(result.setup) === 'fail' || worst(result.setup) === 'error';
    return { result, cells: [plain(result.name), result.tests.length, pass, warning, fail, error + (broken ? 1 : 0), skip].map(String) };
  });
  const sum = heads.map((_, i) => (i === 0 ? `${results.length} scripts` : String(rows.reduce((n, { cells }) => n + Number(cells[i]), 0))));
  const widths = heads.map((head, i) => Math.max(head.length, sum[i]!.length, ...rows.map(({ cells }) => cells[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((c, i) => (i === 0 ? c.padEnd(widths[i]!) : c.padStart(widths[i]!))).join('  ');
  const out = [line(heads)];
  for (const { result, cells } of rows) out.push(`${line(cells)}${failed(result) ? `  ${plain(trouble(result))}` : ''}`);
  out.push(line(sum));
  const wanted: readonly Result[] = details === 'all' ? ['fail', 'error', 'skip', 'warning'] : ['fail', 'error', 'skip'];
  for (const kind of wanted) {
    const named = results.flatMap(({ name, tests }) =>
      tests.filter(t => t.result === kind).map(t => `  ${plain(name)} · ${plain(t.name)}: ${plain(t.reason ?? '')}`),
    );
    if (named.length > 0) out.push('', `${kind} (${named.length})`, ...named);
  }
  return `${out.join('\n')}\n`;
}
