// docs/search-parameters.md: what an earlier state of the program stored

import { renewalContract } from '../renewal.ts';
import { openSqlite } from './directory.ts';

renewalContract('SQLite', { resources: 300, queries: 400 }, openSqlite);
