// What clients are typed as is what the stores take, under strict: compiled against the clients' own types, which live in
// test/stores/clients.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import typescript6 from 'typescript'
import { describe, expect, it } from 'vitest'

const clients = fileURLToPath(new URL('clients/', import.meta.url))
const isThere = existsSync(join(clients, 'node_modules/@types/better-sqlite3'))
if (!isThere) {
  const message = 'the clients of test/stores/clients are not installed'
  if (process.env.CI === 'true') throw new Error(`${message}; in CI no suite may be skipped`)
  console.warn(`SKIPPED: ${message}; their types were not compiled`)
}

const FILE = join(clients, 'typed.ts')

type Compiler = typeof typescript6

// TypeScript 5 finds more fault with the types of better-sqlite3 than 6 does.
const typescript5 = isThere
  ? ((await import(join(clients, 'node_modules/typescript5/lib/typescript.js'))) as { default: Compiler }).default
  : undefined

/** What a compiler says of a program that stands beside the clients. */
function complaintsAbout(source: string, ts: Compiler = typescript6): string[] {
  const options: typescript6.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(clients, 'node_modules/@types')],
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (name) => name === FILE || fileExists(name)
  host.readFile = (name) => (name === FILE ? source : readFile(name))
  const program = ts.createProgram([FILE], options, host)
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => !file || dirname(file.fileName) === dirname(FILE))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

const SQLITE = `import { sqliteDedupeStore } from '../../../src/stores/sqlite.ts'`
const typed: [what: string, source: string][] = [
  ['better-sqlite3', `import Database from 'better-sqlite3'\n${SQLITE}\nsqliteDedupeStore(new Database('file.db'))`],
  [
    'node:sqlite',
    `import { DatabaseSync } from 'node:sqlite'\n${SQLITE}\nsqliteDedupeStore(new DatabaseSync('file.db'))`,
  ],
  [
    'bun:sqlite',
    `/// <reference path="./node_modules/bun-types/sqlite.d.ts" />
import { Database } from 'bun:sqlite'\n${SQLITE}\nsqliteDedupeStore(new Database('file.db'))`,
  ],
  ['libsql', `import Database from 'libsql'\n${SQLITE}\nsqliteDedupeStore(new Database('file.db'))`],
]

describe.skipIf(!isThere)('a client is taken as it is typed:', () => {
  it.each(typed)('%s', (_what, source) => {
    for (const compiler of [typescript5, typescript6]) expect(complaintsAbout(source, compiler)).toEqual([])
  })

  it('and something that is none is not', () => {
    expect(complaintsAbout(`${SQLITE}\nsqliteDedupeStore({ exec() {} })`).join()).toContain("'prepare' is missing")
    expect(complaintsAbout(`${SQLITE}\nsqliteDedupeStore('file.db')`)).toHaveLength(1)
  })
})
