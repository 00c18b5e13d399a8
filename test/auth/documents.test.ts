// docs/authorization.md says what src/auth/roles.ts does

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { defaultScope, kinds } from '../../src/auth/clients.ts';
import { rights } from '../../src/auth/roles.ts';

const page = readFileSync(new URL('../../docs/authorization.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .filter(line => line.startsWith('|'))
  .map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim()),
  );

test('the table of the page is the table of the server', () => {
  const start = rows.findIndex(row => row[0] === 'group');
  expect(rows[start]).toEqual(['group', ...kinds]);
  const groups = Object.keys(rights) as (keyof typeof rights)[];
  expect(rows.slice(start + 2, start + 2 + groups.length)).toEqual(groups.map(group => [group, ...kinds.map(kind => rights[group][kind])]));
});

test('the default scopes of the page are those of the server', () => {
  for (const kind of kinds) expect(rows.find(row => row[0] === kind)?.at(-1)).toBe('`' + defaultScope(kind) + '`');
});
