// node:sqlite is there from Node 22.5, better-sqlite3 where test/stores/clients was installed: it compiles, so it is not in the root.

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

export const sqliteHandles = {
  'node:sqlite': attempt(() => {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    return (path) => new DatabaseSync(path)
  }),
  'better-sqlite3': attempt(() => {
    const Database = require(fileURLToPath(new URL('clients/node_modules/better-sqlite3', import.meta.url)))
    new Database(':memory:').close()
    return (path) => new Database(path, { timeout: 0 }) // the handle's own wait would block the process
  }),
}

if (process.env.CI === 'true' && !sqliteHandles['node:sqlite'] && !sqliteHandles['better-sqlite3']) {
  throw new Error(`no SQLite on ${process.version}; in CI no suite may be skipped: install test/stores/clients`)
}

function attempt(make) {
  try {
    return make()
  } catch {
    return undefined
  }
}
