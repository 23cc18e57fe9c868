// Makes the mistakes of mistakes.mjs one at a time, in a copy, and runs the room's tests on each.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mistakes } from './mistakes.mjs'
import { sourcesOf } from './rooms.mjs'

/**
 * @param {string} room
 * @param {string} [part] of the names of the mistakes to make; by default all are made
 * @returns {boolean} whether each could be made, and was noticed
 */
export function breakByHand(room, part = '') {
  const asked = (mistakes[room] ?? []).filter(({ name }) => name.includes(part))
  const copy = copyOf(room)
  try {
    if (asked.length > 0 && !passes(copy, room)) throw new Error('the tests fail before anything is broken')
    const counts = { noticed: 0, survived: 0, 'no longer possible': 0 }
    for (const mistake of asked) {
      const result = make(mistake, copy, room)
      counts[result]++
      console.log(`${result.padEnd(18)} ${mistake.name}`)
    }
    console.log(`${room}, by hand: ${JSON.stringify(counts)}`)
    return counts.noticed === asked.length
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

function copyOf(room) {
  const copy = mkdtempSync(join(tmpdir(), `mutate-${room}-`))
  for (const part of ['src', 'test', 'package.json', 'tsconfig.json']) {
    cpSync(part, join(copy, part), { recursive: true, filter: (path) => !path.includes('node_modules') })
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))
  return copy
}

function make({ text, broken }, copy, room) {
  const places = sourcesOf(room).flatMap((file) => {
    const path = join(copy, file)
    const parts = readFileSync(path, 'utf8').split(text)
    return parts.slice(1).map(() => ({ path, parts }))
  })
  if (places.length !== 1) return 'no longer possible'
  const [{ path, parts }] = places
  writeFileSync(path, parts.join(broken))
  const isNoticed = !passes(copy, room)
  writeFileSync(path, parts.join(text))
  return isNoticed ? 'noticed' : 'survived'
}

function passes(copy, room) {
  const { status } = spawnSync('npx', ['vitest', 'run', '--bail=1', '--config', 'test/mutation/vitest.config.ts'], {
    cwd: copy,
    stdio: 'ignore',
    env: { ...process.env, MUTATE_ROOM: room, REORG_SEED: '1' },
  })
  return status === 0
}
