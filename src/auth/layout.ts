/**
 * Where the registry and the sandbox's client keys lie below DATA.
 * @module
 */
import path from 'node:path';

/** What a client may be called: it is also part of a file name. */
export const isClientId = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);

export const clientsFile = (dataDir: string): string => path.join(dataDir, 'clients.json');

/** Private key of a sandbox client, for `noren token`. */
export const clientKeyFile = (dataDir: string, clientId: string): string => path.join(dataDir, 'clients', `${clientId}.key.json`);
