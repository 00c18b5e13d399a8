import { test } from '@jest/globals';

/** Whether the slow suites run (`npm run test:all`). */
export const isSlow = process.env['NOREN_SLOW'] === '1';

/** A test of a minute or of many processes in a suite that is otherwise quick: it runs with the slow suites. */
export const slowTest = isSlow ? test : test.skip;
