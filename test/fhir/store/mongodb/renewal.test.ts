// docs/search-parameters.md: what an earlier state of the program stored

import { renewalContract } from '../renewal.ts';
import { openMongo, withMongo } from './database.ts';

withMongo('MongoDB', () => renewalContract('MongoDB', { resources: 160, queries: 60 }, openMongo));
