// Signing, sending, the clock and the conformance kit do not need fast-check. The entry as a whole still loads it: an ESM import of an
// optional peer fails as a whole where the peer is missing.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const room = fileURLToPath(new URL('../../src/testing/', import.meta.url))
const files = readdirSync(room, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll('\\', '/'))
const textOf = (file: string): string => readFileSync(room + file, 'utf8')

describe('fast-check', () => {
  it('is imported by files of arbitraries/ only', () => {
    const importing = files.filter((file) => /from 'fast-check'/.test(textOf(file)))
    expect(importing.length).toBeGreaterThan(5)
    expect(importing.filter((file) => !file.startsWith('arbitraries/'))).toEqual([])
  })

  it('is not reached through arbitraries/ from anywhere but the index', () => {
    const importing = files.filter(
      (file) => !file.startsWith('arbitraries/') && /from '.*arbitraries\//.test(textOf(file)),
    )
    expect(importing).toEqual(['index.ts'])
  })
})
