import { expect } from 'vitest'

const rows: { sequence: number; hash: string }[] = []
let saved = ''
const row = undefined as { state: string } | undefined
const page = [
  { sequence: 1, hash: 'a' },
  { sequence: 2, hash: 'b', parentHash: 'a' },
]
const insert = async (ledger: { sequence: number; hash: string }): Promise<void> => void rows.push(ledger)
const remove = async ({ hash }: { hash: string }): Promise<void> => {
  rows.splice(rows.findIndex((known) => known.hash === hash), 1)
}
const save = async (text: string): Promise<void> => {
  saved = text
}
//// block

expect(rows.map(({ hash }) => hash)).toEqual(['a', 'b'])
expect(saved).not.toBe('')
