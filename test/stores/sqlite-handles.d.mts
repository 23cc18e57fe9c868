interface Statement {
  get(...values: (string | number | null)[]): unknown
  run(...values: (string | number | null)[]): unknown
  all(...values: (string | number | null)[]): unknown[]
}

export type OpenSqlite = (path: string) => {
  exec(sql: string): unknown
  prepare(sql: string): Statement
  close(): void
}

/** By name; undefined if it is not installed. */
export const sqliteHandles: Record<'node:sqlite' | 'better-sqlite3' | 'libsql', OpenSqlite | undefined>
