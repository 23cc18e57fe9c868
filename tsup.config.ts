import { defineConfig } from 'tsup'
import { nameChunks } from './scripts/package/name-chunks.mjs'

export default defineConfig({
  // One entry per public subpath; the key is the subpath. Kept in step with package.json by test/package.test.ts.
  entry: {
    index: 'src/index.ts',
    decimal: 'src/decimal/index.ts',
    webhook: 'src/webhook/index.ts',
    reorg: 'src/reorg/index.ts',
    stellar: 'src/stellar/index.ts',
    schemes: 'src/webhook/schemes/index.ts',
    diagnose: 'src/diagnose/index.ts',
    sender: 'src/sender/index.ts',
    'sender/postgres': 'src/sender/log/postgres/index.ts',
    'sender/sqlite': 'src/sender/log/sqlite/index.ts',
    http: 'src/adapters/http.ts',
    express: 'src/adapters/express.ts',
    fastify: 'src/adapters/fastify.ts',
    fetch: 'src/adapters/fetch.ts',
    'stores/redis': 'src/stores/redis/index.ts',
    'stores/postgres': 'src/stores/postgres/index.ts',
    'stores/sqlite': 'src/stores/sqlite/index.ts',
    testing: 'src/testing/index.ts',
    'testing/plain': 'src/testing/plain.ts',
    cli: 'src/cli/main.ts', // the command; no subpath
  },
  format: ['esm', 'cjs'],
  // tsup 8 sets baseUrl, which TypeScript 6 deprecates.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  // For both formats, so that every entry of one format shares one copy of each class.
  splitting: true,
  treeshake: true,
  // No source maps: they would be four fifths of the package, and what is published is not minified. A stack trace names the function, and the
  // file by the source that it comes from.
  sourcemap: false,
  clean: true,
  target: 'es2022',
  platform: 'neutral',
  // Workers with node compat know node:crypto, and not crypto.
  removeNodeProtocol: false,
  external: [/^node:/, 'fast-check'],
  onSuccess: async () => nameChunks(),
})
