/**
 * docs/settings.md, made from the table in src/config.ts: `node scripts/settings.ts` writes it.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { settings } from '../src/config.ts';

/** The page as it should stand in docs/settings.md. */
export function settingsPage(): string {
  const rows = Object.values(settings).map(
    s =>
      `| \`${s.variable}\` | \`--${s.flag}\` | ${s.type.replaceAll('|', ' or ')} | ${s.fallback.replace(/^(.*\/.*)$/, '`$1`')} | ${s.unit} | ${s.meaning} |`,
  );
  return `# Settings

Made by \`node scripts/settings.ts\` from src/config.ts; do not edit.

Each setting is an environment variable, or a flag of \`noren serve\`; the flag wins. An empty variable counts as not given.
A wrong value stops the start with one sentence that names the variable.

| variable | flag | value | default | unit | meaning |
|---|---|---|---|---|---|
${rows.join('\n')}

\`MODE=production\` starts only when \`ISSUER\`, \`MASTER_KEY_FILE\`, \`SIGNING_KEY_FILE\` and \`CLIENTS_FILE\` are given.
\`MASTER_KEY_FILE\` holds 32 bytes as 64 hexadecimal digits or in base64 (\`openssl rand -hex 32\`), \`SIGNING_KEY_FILE\` a private JWK or JWKS.
`;
}

if (import.meta.main) writeFileSync(new URL('../docs/settings.md', import.meta.url), settingsPage());
