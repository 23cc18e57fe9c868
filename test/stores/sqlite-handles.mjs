// node:sqlite exists from Node 22.5 on. The others are compiled on installation, so test/stores/clients has them instead of the root.

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

export const sqliteHandles = {
  'node:sqlite': attempt(() => {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    return (path) => new DatabaseSync(path)
  }),
  'better-sqlite3': attempt(() => opener('better-sqlite3')),
  libsql: attempt(() => opener('libsql')),
}

function opener(name) {
  const Database = require(fileURLToPath(new URL(`clients/node_modules/${name}`, import.meta.url)))
  new Database(':memory:').close()
  return (path) => new Database(path, { timeout: 0 }) // the handle's own timeout would block the process
}

if (process.env.CI === 'true' && !sqliteHandles['node:sqlite'] && !sqliteHandles['better-sqlite3']) {
  throw new Error(`no SQLite on ${process.version}; no suite may be skipped in CI: install test/stores/clients`)
}

function attempt(make) {
  try {
    return make()
  } catch {
    return undefined
  }
}
