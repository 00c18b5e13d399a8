/**
 * `noren account`: makes a sandbox account that can sign in to an app, and prints its password once. The server may run meanwhile.
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-identity-data
 * @module
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { accountsFile, putAccount } from '../auth/accounts.ts';
import { clientsFile } from '../auth/layout.ts';
import { hashed, newPassword } from '../auth/password.ts';
import { settings } from '../config.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';

const usage = `Usage: noren account --login NAME (--patient Patient/ID [--for Patient/ID …] | --organization Organization/ID --user Practitioner/ID) [flags]

Makes an account that can sign in to an app of this sandbox, or gives the account of this name a new password. Prints the password once.

  --login NAME                    name to sign in with
  --patient Patient/ID            whose account it is: a patient's
  --for Patient/ID                another patient he acts for, such as a child; may be given several times
  --organization Organization/ID  whose account it is: a member of this institution's staff
  --user Practitioner/ID          who that is
${settingsHelp(['data'])}

Exit code 0: the password is on stdout. 1: nothing was made, and one sentence on stderr says why.`;

function flags(args: string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      options: { login: text, patient: text, for: { type: 'string', multiple: true }, organization: text, user: text, data: text },
    }).values;
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}; --help lists the flags.`);
  }
}

const isReference = (text: string | undefined, type: string): boolean => new RegExp(`^${type}/[A-Za-z0-9\\-.]{1,64}$`).test(text ?? '');

export const command: Command = {
  name: 'account',
  summary: 'make an account that can sign in to an app',
  usage,
  async run(
    args,
    environment: Readonly<Record<string, string | undefined>> = process.env,
    out: (text: string) => void = text => process.stdout.write(text),
  ) {
    const { login, patient, for: wards = [], organization, user, data: given } = flags(args);
    const data = given ?? settings.data.read(environment[settings.data.variable] || undefined);
    if (login === undefined) throw new Refusal('--login must be given.');
    if ((patient === undefined) === (organization === undefined)) throw new Refusal('Either --patient or --organization must be given.');
    for (const [flag, one] of [['--patient', patient], ...wards.map(ward => ['--for', ward] as const)] as const)
      if (one !== undefined && !isReference(one, 'Patient')) throw new Refusal(`${flag} must be Patient/ID.`);
    if (organization !== undefined && !(isReference(organization, 'Organization') && isReference(user, '(Practitioner|PractitionerRole)')))
      throw new Refusal('--organization must be Organization/ID, and --user Practitioner/ID.');
    if (organization !== undefined && wards.length > 0) throw new Refusal('--for goes with --patient.');
    if (!existsSync(clientsFile(data))) throw new Refusal(`There is no sandbox in ${data}; --data names the directory of the server.`);
    const password = newPassword();
    try {
      putAccount(accountsFile(data), {
        login,
        password: await hashed(password),
        ...(patient === undefined
          ? { fhirUser: user!, organization: organization!, patients: [] }
          : { fhirUser: patient, patients: [...new Set([patient, ...wards])] }),
      });
    } catch (error) {
      throw new Refusal((error as Error).message);
    }
    out(password + '\n');
    return 0;
  },
};
