// What clients are typed as is what the SQLite store takes, under strict.

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

describe.skipIf(!isThere)('a client is taken as it is typed:', () => {
  it.each(typed)('%s', async (name, source) => {
    // TypeScript 5 finds more fault with the types of better-sqlite3 than 6 does.
    for (const compiler of [await loadTypeScript5(), undefined]) {
      expect(complaintsAbout({ [name.replace(':', '-')]: source }, compiler)).toEqual([])
    }
  })

  it('and something that is none is not', () => {
    const none = complaintsAbout({
      none: `${IMPORT}sqliteDedupeStore({ exec() {} })`,
      text: `${IMPORT}sqliteDedupeStore('file.db')`,
    })
    expect(none).toHaveLength(2)
    expect(none[0]).toContain("'prepare' is missing")
  })
})
