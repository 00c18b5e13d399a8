// https://hl7.org/fhir/R4/search.html, https://hl7.org/fhir/R4/http.html

import { afterAll } from '@jest/globals';
import { eraseProperty } from '../erase-property.ts';
import { dropDatabase, freshUri, openShared, withMongo } from './database.ts';

withMongo('MongoDB', () => {
  const uris = new Map<string, string>();
  afterAll(async () => {
    for (const uri of uris.values()) await dropDatabase(uri);
  });
  eraseProperty('MongoDB', { commits: 110, queries: 30 }, (name, now) => {
    if (!uris.has(name)) uris.set(name, freshUri());
    return openShared(uris.get(name)!, { now });
  });
});
