// https://hl7.org/fhir/R4/valueset-operation-expand.html: ICD-10 in Japanese as it is (../shared/data/jp-codes)
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import type { CodeSystemConcept, ValueSet } from '@medplum/fhirtypes';
import { cpuTime } from '../cpu-time.ts';
import { shared, slow } from '../fhir/profile/shared.ts';
import { openWhole } from '../http/whole.ts';

slow('ICD-10', () => {
  test('all of it is stored in seconds, and found by Japanese words, widths and codes in milliseconds', async () => {
    const lines = gunzipSync(readFileSync(path.join(shared, 'data/jp-codes/icd10-ja.tsv.gz')))
      .toString('utf8')
      .trim()
      .split('\n')
      .slice(1);
    const rows = lines.map(line => line.split('\t') as [string, string]);
    const known = new Set(rows.map(([code]) => code));
    const concept = rows.map(([code, display]): CodeSystemConcept => {
      let parent = code.slice(0, -1);
      while (parent !== '' && !known.has(parent)) parent = parent.slice(0, -1);
      return { code, display, ...(parent === '' ? {} : { property: [{ code: 'parent', valueCode: parent }] }) };
    });
    const url = 'http://hl7.org/fhir/sid/icd-10';
    const property = [{ code: 'parent', uri: 'http://hl7.org/fhir/concept-properties#parent', type: 'code' }];
    const resource = { resourceType: 'CodeSystem', url, status: 'active', content: 'complete', language: 'ja', property, concept };
    const whole = await openWhole();
    try {
      let began = cpuTime();
      await whole.create(resource);
      expect(cpuTime() - began).toBeLessThan(5000);
      const ask = async (query: string) => {
        const { json } = await whole.ask('GET', `ValueSet/$expand?url=${encodeURIComponent(`${url}?fhir_vs`)}&count=20&${query}`);
        return (json as unknown as ValueSet).expansion!;
      };
      expect((await ask('offset=0')).total).toBe(new Set(rows.map(([code]) => code)).size);
      const cholera = await ask(`filter=${encodeURIComponent('ｺﾚﾗ')}`);
      expect(cholera.contains!.map(one => one.code)).toEqual(expect.arrayContaining(['A00', 'A000', 'A001', 'A009']));
      began = cpuTime();
      for (let n = 0; n < 10; n++) await ask(`filter=${encodeURIComponent('糖尿病 腎')}`);
      expect((cpuTime() - began) / 10).toBeLessThan(100);
      const told = await whole.ask('GET', `CodeSystem/$subsumes?system=${url}&codeA=A00&codeB=A001`);
      expect(told.text).toContain('"subsumes"');
    } finally {
      await whole.close();
    }
  }, 120_000);
});
