/** Jest runs the sources as Node does: the types are stripped, nothing else is changed. @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.cjs' },
  testTimeout: 30_000,
  workerIdleMemoryLimit: '1500MB',
};
