// https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters: whoever is asked reads what it is limited to
import { expect, test } from '@jest/globals';
import { pages } from '../../../src/http/sign-in/pages.ts';

const page = (language: 'ja' | 'en', scope: string) =>
  pages.render(
    {
      page: 'consent',
      action: '/oauth/interaction/x/step',
      app: { ja: 'アプリ', en: 'App' },
      choices: [],
      identity: false,
      asked: [{ scope, context: 'patient', type: 'Observation', letters: 'rs' }],
    },
    language,
  );

test('consent page: a scope with a query says what it is limited to, one without does not', () => {
  const scope = 'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory&status=final';
  expect(page('en', scope)).toContain('(only category laboratory, status final)');
  expect(page('ja', scope)).toContain('（category laboratory、status final のものだけ）');
  expect(page('en', 'patient/Observation.rs')).not.toContain('(only');
});

test('consent page: a query is text, never markup', () => {
  const shown = page('en', 'patient/Observation.rs?code=<script>alert(1)</script>');
  expect(shown).not.toContain('<script');
  expect(shown).toMatch(/&(lt|#60|#x3c);script/i);
});
