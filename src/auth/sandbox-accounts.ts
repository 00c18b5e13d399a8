/**
 * The accounts of a sandbox's first start: one member of staff at each of its hospitals. Their passwords lie beside the clients' keys.
 * @module
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { accountsFile, putAccount } from './accounts.ts';
import { writeOwnerOnly } from './files.ts';
import { hashed, newPassword } from './password.ts';

/** The password of a sandbox's account, as a JSON text. */
export const passwordFile = (dataDir: string, login: string): string => path.join(dataDir, 'accounts', `${login}.password.json`);

export async function makeSandboxAccounts(dataDir: string): Promise<void> {
  const file = accountsFile(dataDir);
  if (existsSync(file)) return;
  for (const n of ['1', '2']) {
    const [login, password] = [`desk-${n}`, newPassword()];
    writeOwnerOnly(passwordFile(dataDir, login), password);
    putAccount(file, {
      login,
      password: await hashed(password),
      fhirUser: `Practitioner/${login}`,
      organization: `Organization/hospital-${n}`,
      patients: [],
    });
  }
}
