// https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/search.html

import { storeContract } from '../contract.ts';
import { openMongo, withMongo } from './database.ts';

withMongo('MongoDB', () => storeContract('MongoDB', openMongo));
