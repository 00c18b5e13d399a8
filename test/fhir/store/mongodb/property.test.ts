// https://hl7.org/fhir/R4/search.html

import { searchProperty } from '../property.ts';
import { openMongo, withMongo } from './database.ts';

// What is found is worked out by the same code as in SQLite: fewer questions tell whether it is handed the same.
withMongo('MongoDB', () => searchProperty('MongoDB', 150, openMongo));
