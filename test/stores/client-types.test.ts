// The types of the SQLite clients fit the store, under strict.

import { describe, expect, it } from 'vitest'
import { areClientsThere, complaintsAbout, loadTypeScript5 } from './typed.ts'

const isThere = areClientsThere()

const IMPORT = `import { sqliteDedupeStore } from '@fluxora/verify/stores/sqlite'\n`
const typed: [what: string, source: string][] = [
  ['better-sqlite3', `import Database from 'better-sqlite3'\n${IMPORT}sqliteDedupeStore(new Database('file.db'))`],
  [
    'node:sqlite',
    `import { DatabaseSync } from 'node:sqlite'\n${IMPORT}sqliteDedupeStore(new DatabaseSync('file.db'))`,
  ],
  [
    'bun:sqlite',
    `/// <reference path="./node_modules/bun-types/sqlite.d.ts" />
import { Database } from 'bun:sqlite'\n${IMPORT}sqliteDedupeStore(new Database('file.db'))`,
  ],
  ['libsql', `import Database from 'libsql'\n${IMPORT}sqliteDedupeStore(new Database('file.db'))`],
]

describe.skipIf(!isThere)('the SQLite store accepts the types of', () => {
  it.each(typed)('%s', async (name, source) => {
    // TypeScript 5 finds more wrong with the types of better-sqlite3 than 6 does.
    for (const compiler of [await loadTypeScript5(), undefined]) {
      expect(complaintsAbout({ [name.replace(':', '-')]: source }, compiler)).toEqual([])
    }
  })

  it('clients only, and nothing else', () => {
    const none = complaintsAbout({
      none: `${IMPORT}sqliteDedupeStore({ exec() {} })`,
      text: `${IMPORT}sqliteDedupeStore('file.db')`,
    })
    expect(none).toHaveLength(2)
    expect(none[0]).toContain("'prepare' is missing")
  })
})
