// The workers of a crash run. Each has a slot; if it is killed, a new one takes the slot.

import { fork } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LEASE_SECONDS = 5

/**
 * @param {{ count: number, dist: string, engine: string, place: string, name: string, logs: string }} options `logs` is the
 * folder in which each worker writes a file; the others are passed to worker.mjs.
 */
export async function startWorkers({ count, dist, engine, place, name, logs }) {
  const slots = Array.from({ length: count }, () => ({ port: 0, child: undefined }))
  const ends = new Map() // log -> when its worker exited
  let kills = 0
  let generation = 0
  let isOver = false

  async function start(slot) {
    const log = join(logs, `${generation++}.log`)
    const child = fork(
      fileURLToPath(new URL('worker.mjs', import.meta.url)),
      [dist, engine, place, name, log, String(LEASE_SECONDS)],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    )
    slot.child = child
    child.once('exit', () => {
      ends.set(log, process.hrtime.bigint())
      slot.port = 0
      if (!isOver) start(slot)
    })
    await new Promise((ready) => {
      child.once('message', ({ port }) => {
        slot.port = port
        ready()
      })
      child.once('exit', ready)
    })
  }

  await Promise.all(slots.map(start))
  return {
    port: () => slots[Math.floor(Math.random() * slots.length)].port,
    ends,
    kills: () => kills,
    killOne() {
      const alive = slots.filter(({ port }) => port > 0)
      // On a busy machine a worker takes seconds to start, so keep at least half of them alive.
      if (alive.length <= count / 2) return
      kills++
      alive[Math.floor(Math.random() * alive.length)].child.kill('SIGKILL')
    },
    async stop() {
      isOver = true
      await Promise.all(
        slots.map(({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return undefined
          child.kill('SIGTERM')
          return new Promise((gone) => child.once('exit', gone))
        }),
      )
    },
  }
}
