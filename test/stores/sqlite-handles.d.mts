import type { SqliteDatabase } from '../../src/stores/sqlite.ts'

export type OpenSqlite = (path: string) => SqliteDatabase & { close(): void }

/** By name; undefined where it is not there. */
export const sqliteHandles: Record<'node:sqlite' | 'better-sqlite3', OpenSqlite | undefined>
