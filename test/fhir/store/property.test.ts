// https://hl7.org/fhir/R4/search.html

import { searchProperty } from './property.ts';
import { openSqlite } from './sqlite/directory.ts';

searchProperty('SQLite', 1500, openSqlite);
