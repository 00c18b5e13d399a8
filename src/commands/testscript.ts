/**
 * `noren testscript`: runs TestScripts against a FHIR server, prints a table, and writes TestReports and JUnit XML.
 * R4: https://hl7.org/fhir/R4/testscript.html, https://hl7.org/fhir/R4/testreport.html
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { settings } from '../config.ts';
import type { Json } from '../fhir/model/r4.ts';
import { type ExtensionUrls, extensionBase, extensionNames, extensionUrls, isExtensionName } from '../testscript/extensions.ts';
import { Fault } from '../testscript/fault.ts';
import { findFiles } from '../testscript/files.ts';
import { junit } from '../testscript/junit.ts';
import { failed, type ScriptResult } from '../testscript/result.ts';
import { scriptsOf } from '../testscript/source.ts';
import { defaults, runSuite, type Suite } from '../testscript/suite.ts';
import { table } from '../testscript/table.ts';
import { testReport } from '../testscript/test-report.ts';
import { bearer } from './bearer.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';
import { progress } from './progress.ts';

const usage = `Usage: noren testscript PATHS… --base URL [flags]

Runs R4 TestScripts against any FHIR server. PATHS are .json and .xml files, or directories of them: TestScripts, or Bundles that hold some. Requests go to
the server at --base and nowhere else, and no redirect is followed. What a script creates there is labelled HTEST.

  --base URL             base URL of the server
  --token TOKEN          access token; --token-file FILE reads it, so that it stands in no list of processes
  --client ID            a Noren server: fetches tokens as that client, as "noren token" does (with --data)
  --out DIR              writes TestReport-NAME.json for each script, and junit.xml
  --parallel N           scripts at the same time, 1 to 32; default 1
  --variable NAME=VALUE  goes before the default of a script's variable; may be given several times
  --destination N=URL    server of the destination N of scripts that have several; the lowest is --base
  --format json|xml      format where a script names none; default json, though the standard says xml
  --okay-is-2xx          the response word okay holds for every status from 200 to 299, and not for 200 alone
  --no-label             created data are not labelled HTEST
  --extensions BASE      where the addresses of the extensions begin; default ${extensionBase}
  --extension NAME=URL   address of one of them: ${extensionNames.join(', ')}
  --tester NAME          who is named as tester in the TestReports; default Noren
  --timeout SECONDS      for one request with its answer; default ${defaults.timeoutMs / 1000}
  --script-time SECONDS  for one script; default ${defaults.scriptTimeMs / 1000}
  --details all          lists warnings too; default failures
${settingsHelp(['data'])}

Prints a row per script, then each test that failed or was skipped, with its reason. Exit code 0: nothing failed. 1: something failed or could not be
run, or the command was refused.`;

function flags(args: string[]) {
  const text = { type: 'string' } as const;
  const list = { type: 'string', multiple: true } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    base: text,
    token: text,
    'token-file': text,
    client: text,
    out: text,
    parallel: text,
    variable: list,
    destination: list,
    format: text,
    'okay-is-2xx': flag,
    'no-label': flag,
    extensions: text,
    extension: list,
    tester: text,
    timeout: text,
    'script-time': text,
    details: text,
    data: text,
  };
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}; --help lists the flags.`);
  }
}

type Flags = ReturnType<typeof flags>['values'];

function baseOf(flag: string, url: string | undefined): URL {
  const parsed = url === undefined ? null : URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.search !== '' || parsed.hash !== '')
    throw new Refusal(`${flag} must be the base URL of a server, such as http://127.0.0.1:8080/fhir.`);
  return parsed;
}

/** `NAME=VALUE` */
function pairs(flag: string, given: readonly string[] | undefined): [string, string][] {
  return (given ?? []).map(each => {
    const at = each.indexOf('=');
    if (at < 1) throw new Refusal(`${flag} must be NAME=VALUE.`);
    return [each.slice(0, at), each.slice(at + 1)];
  });
}

function whole(flag: string, text: string | undefined, fallback: number, most: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^\d{1,6}$/.test(text) || value < 1 || value > most) throw new Refusal(`${flag} must be a whole number from 1 to ${most}.`);
  return value;
}

function urlsOf({ extensions, extension }: Flags): ExtensionUrls {
  const own = pairs('--extension', extension);
  const wrong = own.find(([name]) => !isExtensionName(name));
  if (wrong !== undefined) throw new Refusal(`--extension knows these names: ${extensionNames.join(', ')}.`);
  return extensionUrls(extensions, Object.fromEntries(own));
}

function tokenOf(values: Flags, base: URL, environment: Readonly<Record<string, string | undefined>>): Suite['token'] {
  const { token, client, data } = values;
  const file = values['token-file'];
  if ([token, client, file].filter(x => x !== undefined).length > 1) throw new Refusal('Give one of --token, --token-file and --client.');
  if (client !== undefined)
    return bearer({ client, url: base.href, data: data ?? settings.data.read(environment[settings.data.variable] || undefined) });
  let text = token;
  if (file !== undefined)
    try {
      text = readFileSync(file, 'utf8').trim();
    } catch {
      throw new Refusal('The file of --token-file cannot be read.');
    }
  if (text === undefined) return undefined;
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Refusal('The access token is empty or has characters that no token has.');
  return async () => text;
}

/** File name of a script's report: its name, or with a number where two have the same. */
function reportNames(results: readonly ScriptResult[]): string[] {
  const used = new Map<string, number>();
  return results.map(({ name }) => {
    const plain = name.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 100) || 'TestScript';
    const count = (used.get(plain.toLowerCase()) ?? 0) + 1;
    used.set(plain.toLowerCase(), count);
    return `TestReport-${plain}${count === 1 ? '' : `-${count}`}.json`;
  });
}

function write(out: string, results: readonly ScriptResult[], base: URL, statement: Json | undefined, tester: string): void {
  const software = statement?.['software'] as { name?: unknown; version?: unknown } | undefined;
  const serverName = [software?.name, software?.version].filter(x => typeof x === 'string').join(' ');
  const reporter = {
    server: base.href,
    engineName: 'Noren TestScript runner',
    ...(serverName === '' ? {} : { serverName }),
    tester,
  };
  try {
    mkdirSync(out, { recursive: true });
    for (const [i, name] of reportNames(results).entries())
      writeFileSync(path.join(out, name), `${JSON.stringify(testReport(results[i]!, reporter), undefined, 2)}\n`);
    writeFileSync(path.join(out, 'junit.xml'), junit(results));
  } catch {
    throw new Refusal(`The reports cannot be written to ${out}.`);
  }
}

export const command: Command = {
  name: 'testscript',
  summary: 'run TestScripts against a FHIR server',
  usage,
  async run(
    args,
    environment: Readonly<Record<string, string | undefined>> = process.env,
    print: (text: string) => void = text => process.stdout.write(text),
  ) {
    const { values, positionals } = flags(args);
    if (positionals.length === 0) throw new Refusal('Name the scripts or directories to run; --help says more.');
    const base = baseOf('--base', values.base);
    if (values.details !== undefined && values.details !== 'all' && values.details !== 'failures')
      throw new Refusal('--details must be failures or all.');
    if (values.format !== undefined && values.format !== 'json' && values.format !== 'xml')
      throw new Refusal('--format must be json or xml.');
    const destinations = new Map(
      pairs('--destination', values.destination).map(([index, url]) => [
        whole('--destination', index, 1, 999),
        baseOf('--destination', url),
      ]),
    );
    const suite: Suite = {
      base,
      token: tokenOf(values, base, environment),
      destinations,
      urls: urlsOf(values),
      variables: new Map(pairs('--variable', values.variable)),
      parallel: whole('--parallel', values.parallel, 1, 32),
      format: values.format ?? 'json',
      label: values['no-label'] !== true,
      anySuccessIsOkay: values['okay-is-2xx'] === true,
      limits: {
        timeoutMs: whole('--timeout', values.timeout, defaults.timeoutMs / 1000, 3600) * 1000,
        scriptTimeMs: whole('--script-time', values['script-time'], defaults.scriptTimeMs / 1000, 86_400) * 1000,
      },
    };
    let found: ReturnType<typeof findFiles>;
    try {
      found = findFiles(positionals);
    } catch (error) {
      if (error instanceof Fault) throw new Refusal(error.message);
      throw error;
    }
    const scripts = found.files.flatMap(file => scriptsOf(file, positionals.includes(file)));
    if (scripts.length === 0) throw new Refusal('There is no TestScript in what was named.');
    await suite.token?.();
    const bar = progress('scripts', scripts.length);
    const { results, statement } = await runSuite(scripts, { ...suite, roots: found.roots, done: (_, count) => bar.at(count) });
    bar.end();
    if (values.out !== undefined) write(values.out, results, base, statement, values.tester ?? 'Noren');
    print(table(results, values.details === 'all' ? 'all' : 'failures'));
    return results.some(failed) ? 1 : 0;
  },
};
