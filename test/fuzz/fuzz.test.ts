// Junk for every public function. First the inputs in corpus/ are replayed, then new junk is made: for FUZZ_SECONDS (`npm run fuzz`), or just
// a little. Only this library's errors may be thrown, and only if the program is at fault, and no prototype may change. Inputs with an
// outcome that was never seen before are added to the corpus.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { codeOfOwn, OF_THE_JUNK, type Target, targets } from './targets.ts'
import { build, junk, mutate, randomBy, type Tree } from './values.ts'

const seconds = Number(process.env.FUZZ_SECONDS ?? 0)
const seed = Number(process.env.FUZZ_SEED ?? (seconds > 0 ? Date.now() % 2 ** 32 : 7))
const random = randomBy(seed)
const CALLS_IN_CI = 300
/** How many outcomes of one target are kept; after that they are only counted. */
const KEPT = 60

const fileOf = (target: Target): URL => new URL(`corpus/${target.name.replace(/\W+/g, '-')}.json`, import.meta.url)
const figures = { calls: 0, outcomes: 0, added: 0, slowestMs: 0, slowest: '' }
const callsOf: Record<string, number> = {}

/** Calls a target and describes the outcome. Throws if the target did something that it must not do. */
async function outcomeOf(target: Target, args: readonly Tree[]): Promise<string> {
  const values = args.map(build) as never[]
  figures.calls++
  callsOf[target.name] = (callsOf[target.name] ?? 0) + 1
  const startedAt = performance.now()
  let outcome: string
  try {
    outcome = await target.call(...values)
  } catch (error) {
    const isOfTheJunk = error instanceof Error && OF_THE_JUNK.includes(error.message)
    const code = codeOfOwn(error) ?? (isOfTheJunk ? 'its own error' : undefined)
    if (code === undefined || target.throws === 'never') {
      throw new Error(`${target.name} threw ${String(error)} for ${JSON.stringify(args)}`, { cause: error })
    }
    outcome = `throws ${code}`
  }
  const took = performance.now() - startedAt
  if (took > figures.slowestMs) {
    figures.slowestMs = took
    figures.slowest = target.name
  }
  return outcome
}

const prototypes = [Object, Array, String, Number, Function, Map, Uint8Array, Error].map(({ prototype }) => prototype)
const namesOf = (): string[] => prototypes.flatMap((prototype) => Reflect.ownKeys(prototype).map(String))
const before = namesOf()

describe.each(targets)('$name', (target) => {
  const kept = (existsSync(fileOf(target)) ? JSON.parse(readFileSync(fileOf(target), 'utf8')) : {}) as Record<
    string,
    Tree[]
  >
  const known = new Map(Object.entries(kept))

  it('has the same outcome as before for each input in the corpus', async () => {
    for (const [outcome, args] of known) expect(await outcomeOf(target, args), JSON.stringify(args)).toBe(outcome)
    for (const args of target.seeds) expect(await outcomeOf(target, args)).toEqual(expect.any(String))
    expect(namesOf()).toEqual(before)
  })

  it('survives junk', { timeout: 600_000 }, async () => {
    const until = performance.now() + (1000 * seconds) / targets.length
    const pool = [...target.seeds, ...known.values()]
    const arity = Math.max(1, ...target.seeds.map((args) => args.length))
    const goesOn = (made: number): boolean => (seconds > 0 ? performance.now() < until : made < CALLS_IN_CI)
    for (let made = 0; goesOn(made); made++) {
      let args = pool[Math.floor(random() * pool.length)] as readonly Tree[] | undefined
      if (!args || random() < 0.2) args = Array.from({ length: arity }, () => junk(random))
      else for (let edits = 0; edits === 0 || random() < 0.5; edits++) args = edit(args)
      const outcome = await outcomeOf(target, args)
      if (!known.has(outcome)) {
        known.set(outcome, [...args])
        pool.push(args)
        figures.added++
      }
    }
    expect(namesOf()).toEqual(before)
    figures.outcomes += known.size
    if (seconds > 0) {
      const entries = [...known].slice(0, KEPT).sort(([one], [other]) => (one < other ? -1 : 1))
      writeFileSync(fileOf(target), `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`)
    }
  })
})

function edit(args: readonly Tree[]): readonly Tree[] {
  const at = Math.floor(random() * args.length)
  return args.map((tree, i) => (i === at ? mutate(tree, random) : tree))
}

afterAll(() => {
  const fewest = Math.min(...Object.values(callsOf))
  console.log(
    `fuzz, seed ${seed}: ${figures.calls} calls of ${targets.length} functions (at least ${fewest} each), ${figures.outcomes} outcomes, ${figures.added} of them new, slowest call ${figures.slowestMs.toFixed(1)} ms (${figures.slowest})`,
  )
  if (seconds > 0) {
    const report = { seconds, seed, functions: targets.length, ...figures, fewestCalls: fewest, callsOf }
    writeFileSync(new URL('../../reports/fuzz.json', import.meta.url), JSON.stringify(report))
  }
})
