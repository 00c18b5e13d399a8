/**
 * `noren policy`: whether a policy can be used and what it is, what becomes of each element, and in what two policies differ.
 * @module
 */
import { parseArgs } from 'node:util';
import { canonicalJson } from '../deid/canonical-json.ts';
import type { Decision } from '../deid/decisions.ts';
import { type Policy, PolicyError } from '../deid/policy.ts';
import type { RulesConfiguration } from '../deid/rules/configuration.ts';
import { type Hardened, harden } from '../deid/rules/harden.ts';
import type { Json } from '../fhir/model/r4.ts';
import { builtIn, standingOf } from '../release/policies.ts';
import { type Command, Refusal } from './command.ts';
import { type Named, policyFrom } from './policy-file.ts';
import { column, widthOf } from './terminal.ts';

const usage = `Usage: noren policy check P [--json]
       noren policy explain P [--type T] [--path P] [--json]
       noren policy diff P Q [--json]
       noren policy harden C [--base B]
       noren policy check C --harden [--base B]

P and Q: policies that come along (${builtIn.join(', ')}) or files; check takes configurations with fhirPathRules too.

  check      what is wrong with it, place by place; or what it is: its hash, the types that leave, elements kept, changed and removed for each measure
  explain    what becomes of each element of each type: method and measure
  diff       elements that the two decide otherwise, and what else is not the same

  harden     makes a policy of C, a configuration with fhirPathRules, and prints it: of B (default jp-anonymized) what C does not remove, with the rules of C that Noren's
             language has too. What became of rules, and what could not be taken over, is told on standard error; check --harden is the same

  --type T   of one type only (Patient, HumanName)
  --path P   of one element and what is below it (Patient.contact)
  --json     for machines

Exit code 0: fine (diff: no difference). 1: problems (diff: differences), or the command was refused.`;

interface Flags {
  readonly json: boolean;
  readonly harden: boolean;
  readonly type: string | undefined;
  readonly path: string | undefined;
  readonly base: string | undefined;
}

type InNoren = Extract<Named, { kind: 'policy' }>;

function flags(args: string[]): { positionals: string[]; flags: Flags } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        harden: { type: 'boolean' },
        type: { type: 'string' },
        path: { type: 'string' },
        base: { type: 'string' },
      },
    });
    return {
      positionals,
      flags: { json: values.json === true, harden: values.harden === true, type: values.type, path: values.path, base: values.base },
    };
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}; --help lists the flags.`);
  }
}

/** Rows as columns, two spaces between them. */
export function rows(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map(row => widthOf(row[i]!))));
  return table.map(row => `${row.map((cell, i) => (i === row.length - 1 ? cell : column(cell, widths[i]!))).join('  ')}\n`).join('');
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function inNoren(given: string): InNoren {
  const named = policyFrom(given);
  if (named.kind === 'policy') return named;
  if (named.kind === 'rules')
    throw new Refusal(`${given} is a configuration with fhirPathRules: what becomes of an element depends on each resource.`);
  throw new Refusal(`${named.problems[0]}${named.problems.length > 1 ? ` (and ${named.problems.length - 1} more)` : ''}`);
}

interface Measured {
  kept: number;
  changed: number;
  removed: number;
}

/** Elements by measure. */
function measuresOf({ compiled }: InNoren): ReadonlyMap<string, Measured> {
  const found = new Map<string, Measured>(compiled.counters.map(name => [name, { kept: 0, changed: 0, removed: 0 }]));
  for (const { by, measure } of compiled.decisions.values()) {
    const of = measure === undefined ? undefined : found.get(measure);
    if (of !== undefined) of[by === 'keep' ? 'kept' : by === 'remove' ? 'removed' : 'changed']++;
  }
  return found;
}

function check(given: string, { json }: Flags, print: (text: string) => void): number {
  const named = policyFrom(given);
  if (named.kind === 'wrong') {
    print(
      json
        ? `${JSON.stringify({ policy: given, problems: named.problems })}\n`
        : named.problems.map(one => `${one}\n`).join('') + `${plural(named.problems.length, 'problem')}.\n`,
    );
    return 1;
  }
  if (named.kind === 'rules') {
    const { name, hash, configuration } = named;
    const warnings = configuration.warnings;
    if (json) print(`${JSON.stringify({ policy: name, format: 'fhirPathRules', hash, rules: configuration.rules.length, warnings })}\n`);
    else {
      print(`${name}: a configuration with ${plural(configuration.rules.length, 'rule')}\nSHA-256 ${hash}\n`);
      print(warnings.map(one => `warning: ${one}\n`).join('') + `${plural(warnings.length, 'warning')}.\n`);
    }
    return 0;
  }
  const { compiled, version, hash } = named;
  const types = [...compiled.types.keys()].sort();
  const measures = [...measuresOf(named)].filter(([, { kept, changed, removed }]) => kept + changed + removed > 0);
  if (json) {
    print(`${JSON.stringify({ policy: named.name, version, format: 'noren', hash, types, measures: Object.fromEntries(measures) })}\n`);
    return 0;
  }
  print(
    `${named.name} ${version}: ${compiled.policy.title}\nSHA-256 ${hash}\n\n${plural(types.length, 'type')} of resources leave: ${types.join(', ')}\n\n`,
  );
  print(
    rows([
      ['measure', 'kept', 'changed', 'removed'],
      ...measures.map(([name, { kept, changed, removed }]) => [name, String(kept), String(changed), String(removed)]),
    ]),
  );
  return 0;
}

const typeOf = (path: string): string => (path.startsWith('extension(') ? 'Extension' : path.split('.')[0]!);
const isBelow = (path: string, above: string): boolean => path === above || path.startsWith(`${above}.`);

function explain(given: string, { json, type, path }: Flags, print: (text: string) => void): number {
  const met = [...inNoren(given).compiled.decisions]
    .filter(([at]) => (type === undefined || typeOf(at) === type) && (path === undefined || isBelow(at, path)))
    .sort(([a], [b]) => (typeOf(a) < typeOf(b) ? -1 : typeOf(a) > typeOf(b) ? 1 : 0));
  if (met.length === 0)
    throw new Refusal(
      'No element of R4 is called so; a path is one such as Patient.contact.name, or Patient.deceasedBoolean for one form of a choice.',
    );
  if (json) {
    print(`${JSON.stringify(met.map(([at, { by, measure }]) => ({ path: at, by, ...(measure === undefined ? {} : { measure }) })))}\n`);
    return 0;
  }
  const types = [...Map.groupBy(met, ([at]) => typeOf(at))];
  print(types.map(([of, list]) => `${of}\n${rows(list.map(([at, { by, measure }]) => [`  ${at}`, by, measure ?? '']))}`).join(''));
  return 0;
}

/** What a policy says beside the elements, and the options of its rules, by name. */
function saidBeside(policy: Policy): ReadonlyMap<string, string> {
  const { pooledFrom, shift, label, ages, analyser, extensions, groups, dataSet } = policy;
  const said = new Map<string, string>();
  const put = (name: string, value: unknown): void => void (value !== undefined && said.set(name, canonicalJson(value)));
  put('pooledFrom', pooledFrom);
  put('shift', shift);
  put('label', label);
  put('ages', ages);
  put('analyser', analyser);
  put('dataSet', dataSet);
  for (const [url, value] of Object.entries(extensions)) put(`extensions.${url}`, value);
  for (const { rules } of groups)
    for (const { paths, method, options } of rules)
      if (Object.keys(options).length > 0) for (const path of paths) put(`${path} (${method})`, options);
  return said;
}

const shown = (text: string | undefined): string => (text === undefined ? '–' : text.length > 60 ? `${text.slice(0, 59)}…` : text);

const differing = <T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>, same: (x: T, y: T) => boolean): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter(key => {
    const [x, y] = [a.get(key), b.get(key)];
    return x === undefined || y === undefined || !same(x, y);
  });

function diff(given: string, other: string, { json, type, path }: Flags, print: (text: string) => void): number {
  const [one, two] = [inNoren(given), inNoren(other)];
  const [a, b] = [one.compiled.decisions, two.compiled.decisions];
  const elements = differing(a, b, (x, y) => x.by === y.by && x.measure === y.measure).filter(
    at => (type === undefined || typeOf(at) === type) && (path === undefined || isBelow(at, path)),
  );
  const [said, alsoSaid] = [saidBeside(one.compiled.policy), saidBeside(two.compiled.policy)];
  const rest = type === undefined && path === undefined ? differing(said, alsoSaid, (x, y) => x === y) : [];
  if (json)
    print(
      `${JSON.stringify({
        policies: [one, two].map(({ name, version, hash }) => ({ name, version, hash })),
        elements: elements.map(at => ({ path: at, decisions: [a.get(at) ?? null, b.get(at) ?? null] })),
        rest: rest.map(name => ({ name, values: [said, alsoSaid].map(of => JSON.parse(of.get(name) ?? 'null') as unknown) })),
      })}\n`,
    );
  else {
    const text = (decision: Decision | undefined): string =>
      decision === undefined ? '–' : `${decision.by}${decision.measure === undefined ? '' : ` (${decision.measure})`}`;
    if (elements.length > 0) print(rows([['element', one.name, two.name], ...elements.map(at => [at, text(a.get(at)), text(b.get(at))])]));
    if (rest.length > 0)
      print(`\n${rows([['beside', one.name, two.name], ...rest.map(name => [name, shown(said.get(name)), shown(alsoSaid.get(name))])])}`);
    print(
      `${elements.length + rest.length === 0 ? 'No difference' : `${plural(elements.length, 'element')} decided otherwise, ${plural(rest.length, 'difference')} beside`}.\n`,
    );
  }
  return elements.length + rest.length > 0 ? 1 : 0;
}

function hardenedOver(configuration: RulesConfiguration, base: string): Hardened {
  try {
    return harden(configuration, standingOf({ extends: base }) as Json);
  } catch (error) {
    throw error instanceof PolicyError ? new Refusal(error.message) : error;
  }
}

function hardened(given: string, { base = 'jp-anonymized' }: Flags, print: (text: string) => void, say: (text: string) => void): number {
  const named = policyFrom(given);
  if (named.kind === 'wrong') throw new Refusal(named.problems[0]!);
  if (named.kind === 'policy') throw new Refusal(`${given} is a policy in Noren's language already.`);
  if (!builtIn.some(name => name === base)) throw new Refusal(`--base must be one of ${builtIn.join(', ')}.`);
  const { policy, notes } = hardenedOver(named.configuration, base);
  for (const note of notes) say(`noren: ${note}\n`);
  print(`${JSON.stringify({ ...policy, name: `${named.name}-hardened`, title: `${named.name}, hardened over ${base}` }, undefined, 2)}\n`);
  return 0;
}

export const command: Command = {
  name: 'policy',
  summary: 'check, explain and compare de-identification policies',
  usage,
  async run(
    args,
    print: (text: string) => void = text => process.stdout.write(text),
    say: (text: string) => void = text => process.stderr.write(text),
  ) {
    const { positionals, flags: given } = flags(args);
    const [action, one, two, ...more] = positionals;
    const hardens = action === 'harden' || (action === 'check' && given.harden);
    if (given.harden && !hardens) throw new Refusal('--harden goes with "noren policy check C"; --help tells more.');
    if (hardens && one !== undefined && two === undefined) return hardened(one, given, print, say);
    if (action === 'check' && one !== undefined && two === undefined) return check(one, given, print);
    if (action === 'explain' && one !== undefined && two === undefined) return explain(one, given, print);
    if (action === 'diff' && one !== undefined && two !== undefined && more.length === 0) return diff(one, two, given, print);
    throw new Refusal(
      'Say "noren policy check P", "noren policy explain P", "noren policy diff P Q" or "noren policy harden C"; --help tells more.',
    );
  },
};
