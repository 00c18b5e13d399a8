/**
 * The pages of src/web/ → build/web/: `node scripts/build-web.ts [DIRECTORY]`. `npm ci` runs it (prepare).
 * Where the development packages are left out there is nothing to build with: it says so, and a server without pages says what to run.
 * @module
 */
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** Every page: src/web/<name>/index.html → /app/<name>/. */
const pages = ['objection', 'desk'];

async function buildWeb(directory: string): Promise<void> {
  const { build } = await import('vite');
  const source = path.join(root, 'src/web');
  await build({
    root: source,
    configFile: false,
    logLevel: 'warn',
    // The same files wherever the pages stand.
    base: './',
    publicDir: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: directory,
      emptyOutDir: true,
      target: 'es2022',
      // No data: URL in a style sheet, no script that loads scripts: the pages' policy permits neither.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { input: Object.fromEntries(pages.map(page => [page, path.join(source, page, 'index.html')])) },
    },
  });
}

const { exitCode, said } = await buildWeb(path.resolve(process.argv[2] ?? path.join(root, 'build/web'))).then(
  () => ({ exitCode: 0, said: 'The pages stand in build/web.' }),
  (error: NodeJS.ErrnoException) =>
    error.code === 'ERR_MODULE_NOT_FOUND' && /'vite'/.test(error.message)
      ? { exitCode: 0, said: 'SKIPPED: vite is a development package and not here, so the pages are not built.' }
      : { exitCode: 1, said: String(error.stack) },
);
console.error(said);
process.exitCode = exitCode;
