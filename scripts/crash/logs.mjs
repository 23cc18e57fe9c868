// What the workers of a crash run wrote, and what follows from it.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * When each handler ran, and which claims were in flight when a worker or a connection went.
 *
 * @param {string} folder of the logs
 * @param {Map<string, bigint>} ends when the worker of a log was gone
 */
export function readLogs(folder, ends) {
  const runs = new Map() // id -> [{ start, end }]
  const figures = { starts: 0, ends: 0, throws: 0, problems: {}, codes: {} }
  for (const file of readdirSync(folder)) {
    const log = join(folder, file)
    for (const run of readLog(log, runs, figures)) {
      run.isInFlight = true
      run.end ??= ends.get(log)
    }
  }
  return { ...figures, ...compareRuns([...runs.values()]) }
}

/** Adds the runs of one log to the others and to the figures; returns those of which the log knows no outcome. */
function readLog(log, runs, figures) {
  const open = new Map()
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const [time, what, id, code, problem] = line.split(' ')
    if (what === 'start') {
      const run = { start: BigInt(time), end: undefined }
      figures.starts++
      open.set(id, run)
      runs.set(id, [...(runs.get(id) ?? []), run])
    } else if (what === 'end' || what === 'throw') {
      figures[`${what}s`]++
      const run = open.get(id)
      run.end = BigInt(time)
      run.isThrown = what === 'throw'
    } else if (what === 'outcome') {
      figures.codes[code] = (figures.codes[code] ?? 0) + 1
      if (problem !== '-') figures.problems[problem] = (figures.problems[problem] ?? 0) + 1
      const run = open.get(id)
      if (run && (code === 'ok' || code === 'handler_failed')) {
        if (problem !== '-') run.isInFlight = true
        open.delete(id)
      }
    }
  }
  return open.values()
}

/** How the runs of each delivery follow each other. */
function compareRuns(all) {
  const figures = { inFlight: 0, handled: 0, overlaps: 0, reruns: 0, unexplained: 0 }
  for (const runs of all) {
    if (runs.some(({ end, isThrown }) => end !== undefined && !isThrown)) figures.handled++
    runs.sort((a, b) => (a.start < b.start ? -1 : 1))
    for (const [at, run] of runs.entries()) {
      if (run.isInFlight) figures.inFlight++
      if (at === 0) continue
      const before = runs[at - 1]
      if (run.start < before.end) figures.overlaps++
      if (before.isThrown) continue
      figures.reruns++
      if (!before.isInFlight) figures.unexplained++
    }
  }
  return figures
}
