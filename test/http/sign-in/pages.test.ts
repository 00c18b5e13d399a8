// https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters: whoever is asked reads what it is limited to
import { expect, test } from '@jest/globals';
import { pairsOf } from '../../../src/auth/scope-query.ts';
import { pages } from '../../../src/http/sign-in/pages.ts';

const page = (language: 'ja' | 'en', query?: string) =>
  pages.render(
    {
      page: 'consent',
      action: '/oauth/interaction/x/step',
      app: { ja: 'アプリ', en: 'App' },
      choices: [],
      identity: false,
      asked: [
        {
          scope: `patient/Observation.rs${query === undefined ? '' : `?${query}`}`,
          context: 'patient',
          type: 'Observation',
          letters: 'rs',
          ...(query === undefined ? {} : { only: pairsOf(query)! }),
        },
      ],
    },
    language,
  );

test('consent page: a scope with a query says what it is limited to, one without does not', () => {
  expect(page('en', 'category=http://t|laboratory&status=final')).toContain('(only category laboratory (http://t), status final)');
  expect(page('ja', 'category=http://t|laboratory&status=final')).toContain('（category laboratory (http://t)、status final のものだけ）');
  expect(page('en')).not.toContain('(only');
});

test('consent page: every alternative of a query is shown, however it is written', () => {
  expect(page('en', 'category=http://t|vital-signs,http://t|laboratory')).toContain(
    '(only category vital-signs (http://t) or laboratory (http://t))',
  );
  expect(page('en', 'category=http%3A%2F%2Ft%7Csocial-history%2Claboratory')).toContain('social-history (http://t) or laboratory');
  expect(page('en', 'code=a,b,c|x')).toContain('(only code a or b or x (c))');
  expect(page('en', 'category=http://t|')).toContain('(only category (http://t))');
  expect(page('en', 'code=a+b')).toContain('(only code a+b)');
});

test('consent page: a query is text, never markup', () => {
  const shown = page('en', 'code=%3Cscript%3Ealert(1)%3C/script%3E');
  expect(shown).not.toContain('<script');
  expect(shown).toMatch(/&(lt|#60|#x3c);script/i);
});
