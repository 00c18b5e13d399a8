// docs/decisions and the architecture's rules: floors, circles, file headers, names, and who may touch what.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '..');

/** Room → floor. A file imports its own room and lower floors; rooms of one floor are neighbours and do not import each other. */
const floors: Readonly<Record<string, number>> = {
  'main.ts': 7,
  commands: 7,
  http: 6,
  operations: 5,
  testscript: 5,
  offline: 5,
  release: 4,
  'fhir/interactions': 3,
  auth: 3,
  consent: 3,
  linkage: 3,
  deid: 3,
  audit: 3,
  generate: 3,
  'fhir/store': 2,
  'fhir/xml': 2,
  'fhir/search': 1,
  'fhir/profile': 1,
  'fhir/terminology': 1,
  'fhir/model': 0,
  'config.ts': 0,
  'setting.ts': 0,
  // Runs in browsers: it imports nothing of the server, and the server nothing of it.
  web: 0,
};

/** The command line is one room with its commands: main.ts calls them. The settings and what kinds there are of them: two files of one. */
const sameFloor = new Set(['main.ts → commands', 'config.ts → setting.ts']);

interface Source {
  /** Path below src/, with slashes. */
  readonly file: string;
  readonly text: string;
  /** The text without comments. */
  readonly code: string;
  readonly imports: readonly string[];
}

/** Comments out, strings and templates kept; enough for sources that a formatter has been over. */
const withoutComments = (text: string): string =>
  text.replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*/g, found =>
    found.startsWith('/*') || found.startsWith('//') ? ' ' : found,
  );

const importsOf = (code: string): string[] =>
  [
    ...code.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;'"]*?\bfrom\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g),
  ].map(m => m[1] ?? m[2] ?? m[3] ?? '');

const sources: readonly Source[] = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(file => /\.tsx?$/.test(file))
  .map(file => {
    const text = readFileSync(path.join(root, 'src', file), 'utf8');
    const code = withoutComments(text);
    return { file: file.replaceAll(path.sep, '/'), text, code, imports: importsOf(code) };
  });

const roomOf = (file: string): string | undefined => Object.keys(floors).find(room => file === room || file.startsWith(room + '/'));
const target = (from: string, specifier: string): string => path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier));
const inside = (source: Source): string[] => source.imports.filter(i => i.startsWith('.')).map(i => target(source.file, i));

test('house: the sources are found, and their imports too', () => {
  expect(sources.length).toBeGreaterThan(10);
  expect(sources.flatMap(inside).length).toBeGreaterThan(10);
  expect(
    importsOf("import a from './a.ts';\nimport './b.ts';\nexport type { C } from './c.ts';\nconst d = await import('./d.ts');"),
  ).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts']);
});

test('house: every file stands in a room', () => {
  expect(sources.filter(s => roomOf(s.file) === undefined).map(s => s.file)).toEqual([]);
});

test('house: a file imports its own room and lower floors, never up, never a neighbour', () => {
  const wrong = sources.flatMap(source =>
    inside(source).flatMap(file => {
      const [from, to] = [roomOf(source.file), roomOf(file)];
      if (from === undefined || to === undefined) return file.startsWith('..') ? [] : [`${source.file} → ${file} (no room)`];
      const fine = from === to || floors[to]! < floors[from]! || sameFloor.has(`${from} → ${to}`);
      return fine ? [] : [`${source.file} → ${file}`];
    }),
  );
  expect(wrong).toEqual([]);
});

test('house: the browser’s pages import nothing of the server, and the server nothing of them', () => {
  const between = sources.flatMap(source =>
    inside(source)
      .filter(file => (roomOf(file) === 'web') !== (roomOf(source.file) === 'web'))
      .map(file => `${source.file} → ${file}`),
  );
  expect(between).toEqual([]);
  expect(sources.filter(s => roomOf(s.file) === 'web').flatMap(s => s.imports.filter(i => i.startsWith('node:')))).toEqual([]);
});

test('house: what is imported is there, with its .ts', () => {
  const gone = sources.flatMap(s =>
    inside(s)
      .filter(file => !existsSync(path.join(root, 'src', file)) || !/\.(tsx?|json|css)$/.test(file))
      .map(file => `${s.file} → ${file}`),
  );
  expect(gone).toEqual([]);
});

test('house: no import circles', () => {
  const edges = new Map(sources.map(s => [s.file, inside(s)]));
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at >= 0) circles.push([...way.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of edges.keys()) walk(file, []);
  expect(circles).toEqual([]);
});

test('house: every file opens with one /** … @module */', () => {
  const opening = /^(?:#![^\n]*\n)?\/\*\*(?:(?!\*\/)[\s\S])*@module\s*\*\//;
  expect(sources.filter(s => !opening.test(s.text)).map(s => s.file)).toEqual([]);
});

test('house: files are kebab-case, and none is a Manager, Service, Helper, Util, Impl or Base', () => {
  const name = /(?:^|\/)[a-z0-9]+(?:-[a-z0-9]+)*(?:\.d)?\.tsx?$/;
  expect(sources.filter(s => !name.test(s.file)).map(s => s.file)).toEqual([]);
  const shy = /(?:^|[-/.])(?:managers?|services?|helpers?|utils?|utilities|impl|base|common|misc)(?=[-/.])/;
  expect(sources.filter(s => shy.test(s.file)).map(s => s.file)).toEqual([]);
  const declared =
    /\b(?:class|interface|type|function)\s+(\w*(?:Manager|Service|Helper|Utils?|Impl))\b|\b(?:class|interface|type)\s+(Base[A-Z]\w*|\w+Base)\b/g;
  const named = sources.flatMap(s => [...s.code.matchAll(declared)].map(m => `${s.file}: ${m[1] ?? m[2]}`));
  expect(named).toEqual([]);
});

test('house: SQL stands in fhir/store alone', () => {
  const sql =
    /['"`]\s*(?:SELECT\s|INSERT\s+(?:OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(?:TABLE|INDEX|UNIQUE)\b|PRAGMA\s|BEGIN\b(?:\s+IMMEDIATE)?['"`;])/;
  const outside = sources.filter(s => roomOf(s.file) !== 'fhir/store');
  expect(
    outside.filter(s => sql.test(s.code) || s.imports.some(i => ['node:sqlite', 'mongodb', 'better-sqlite3'].includes(i))).map(s => s.file),
  ).toEqual([]);
});

test('house: Express is known to http/ alone, oidc-provider to auth/ alone', () => {
  const uses = (name: RegExp) => sources.filter(s => s.imports.some(i => name.test(i)));
  expect(
    uses(/^(?:express|helmet)(?:\/|$)/)
      .filter(s => roomOf(s.file) !== 'http')
      .map(s => s.file),
  ).toEqual([]);
  expect(
    uses(/^oidc-provider(?:\/|$)/)
      .filter(s => roomOf(s.file) !== 'auth')
      .map(s => s.file),
  ).toEqual([]);
});

test('house: variables of the environment are known to config.ts alone; the command line only hands the environment on', () => {
  const picks =
    /\bprocess\s*\??\.\s*env\s*(?:\??\.|\[|\s*\}\s*=)|\bprocess\[|\}\s*=\s*process\s*\??\.\s*env\b|\bfrom\s+'(?:node:)?process'/;
  const names = /\bprocess\s*\??\.\s*env\b/;
  expect(sources.filter(s => s.file !== 'config.ts' && picks.test(s.code)).map(s => s.file)).toEqual([]);
  expect(sources.filter(s => names.test(s.code) && floors[roomOf(s.file) ?? ''] !== 7 && s.file !== 'config.ts').map(s => s.file)).toEqual(
    [],
  );
});

test('house: de-identification is pure: no store, no clock, no log', () => {
  const impure = /\bDate\.now\(|\bnew Date\(\)|\bconsole\.|\bprocess\.|\bMath\.random\(|\brandom(?:UUID|Bytes)\(/;
  expect(sources.filter(s => ['deid', 'generate'].includes(roomOf(s.file) ?? '') && impure.test(s.code)).map(s => s.file)).toEqual([]);
});

test('house: a room over 400 lines says why in its header', () => {
  const long = sources.filter(
    s => s.text.split('\n').length > 400 && !/\blong\b|\bover 400\b|\blines\b/i.test(/\/\*\*[\s\S]*?\*\//.exec(s.text)?.[0] ?? ''),
  );
  expect(long.map(s => s.file)).toEqual([]);
});

test('house: no focused and no skipped-for-ever test', () => {
  const tests = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter(f => f.endsWith('.test.ts'));
  const only = new RegExp(String.raw`\b(?:test|it|describe)\.` + 'only' + String.raw`\b|\bx(?:it|test|describe)\(`);
  expect(tests.filter(f => only.test(readFileSync(path.join(root, 'test', f), 'utf8')))).toEqual([]);
});
