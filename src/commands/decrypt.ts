/**
 * `noren decrypt`: gives back the texts that `noren deidentify` has encrypted, to whoever has its keys.
 * Texts come and go by standard input and output alone, and nothing that is said to a person holds one: arguments and logs are read by others.
 * @module
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { seriesKeys } from '../deid/keys.ts';
import { decrypted } from '../deid/rules/cipher.ts';
import { rulesKeys } from '../offline/plan.ts';
import { type Command, Refusal } from './command.ts';
import { keysOf } from './keys-file.ts';
import { usablePolicy } from './policy-file.ts';

const usage = `Usage: noren decrypt --keys K [--policy P] < ENCRYPTED > TEXTS

Gives back what the method encrypt has made of texts. Reads encrypted texts from standard input, one a line, and prints for each a line of JSON: the text, or null.

  --keys K    the keys file that noren deidentify was given
  --policy P  the policy that it was given. Needed where that is a configuration with fhirPathRules; if it has an encryptKey, --keys is not

Exit code 0: all texts are there. 1: refused; or lines were not made under these keys or were changed: they are null, and told by their numbers.
A configuration with fhirPathRules encrypts without a tag: of what was changed there not all is found.`;

function flags(args: string[]): { keys?: string | undefined; policy?: string | undefined } {
  let positionals: string[];
  let values: { keys?: string | undefined; policy?: string | undefined };
  try {
    ({ values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { keys: { type: 'string' }, policy: { type: 'string' } },
    }));
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}; --help lists the flags.`);
  }
  if (positionals.length > 0)
    throw new Refusal(
      'Encrypted texts come on standard input, one a line; everybody on the machine can read what a command is called with.',
    );
  return values;
}

/** Encrypted text → text; throws for what was not made so. */
function opening({ keys, policy }: ReturnType<typeof flags>): (text: string) => string {
  const named = policy === undefined ? undefined : usablePolicy(policy);
  const own = named?.kind === 'rules' ? named.configuration.parameters.encryptKey : '';
  if (own === '' && keys === undefined) throw new Refusal('--keys must be given: the file that noren deidentify was given.');
  if (named?.kind === 'rules') {
    const key = Buffer.from(own || rulesKeys(keysOf(keys!).secret).crypto);
    return text => decrypted(key, text);
  }
  return seriesKeys(keysOf(keys!).secret).decrypt;
}

/** Lines that are named; of the others how many there are. */
const mostNamed = 50;

export const command: Command = {
  name: 'decrypt',
  summary: 'give back the texts that a policy has encrypted',
  usage,
  async run(args) {
    const open = opening(flags(args));
    const bad: number[] = [];
    let number = 0;
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      let text: string | null = null;
      try {
        text = open(line);
      } catch {
        bad.push(number);
      }
      // As JSON, since a text may have lines of its own.
      process.stdout.write(`${JSON.stringify(text)}\n`);
    }
    if (bad.length === 0) return 0;
    const more = bad.length > mostNamed ? ` and ${bad.length - mostNamed} more` : '';
    throw new Refusal(
      `Not made under these keys, or changed: ${bad.length === 1 ? 'line' : 'lines'} ${bad.slice(0, mostNamed).join(', ')}${more}.`,
    );
  },
};
