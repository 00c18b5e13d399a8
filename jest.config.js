import path from 'node:path';

const { NOREN_SLOW: slow, MONGODB_URI: mongodb } = process.env;
// Where the launcher keeps compiled code: commands that tests start directly need a third less of the processor with it.
process.env.NODE_COMPILE_CACHE ??= path.join(import.meta.dirname, 'node_modules/.cache/noren');

/** Jest runs the sources as Node does: the types are stripped, nothing else is changed. */
const each = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.cjs' },
};
const embedded = {
  ...each,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...(slow ? [] : ['\\.slow\\.test\\.ts$'])],
};
/** What is tried on whole servers with SQLite, and, where the slow suites run beside a MongoDB, a second time on it (test/store.ts). */
const shared = {
  ...each,
  displayName: 'MongoDB',
  testMatch: [
    '<rootDir>/test/http/attack-*.test.ts',
    '<rootDir>/test/http/{binary,darts-files,errors,formats,lists}.test.ts',
    '<rootDir>/test/journeys/{escape,escape-institution}.test.ts',
  ],
  globals: { onMongoDB: true },
};

/** @type {import('jest').Config} */
export default {
  projects: slow && mongodb ? [embedded, shared] : [embedded],
  // Servers of tests have ports and data of their own: one worker for each core, where Jest would leave one of two idle.
  maxWorkers: '100%',
  testTimeout: 60_000,
  workerIdleMemoryLimit: '1500MB',
};
