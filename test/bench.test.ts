// The page and the picture of the benchmarks match the results, and every benchmark is listed. No figure can fail a test.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const load = (path: string): Promise<Record<string, unknown>> => import(new URL(path, root).href)

describe('the benchmarks', () => {
  it('have a page and a picture generated from their results', async () => {
    const { render } = (await load('bench/report.mjs')) as { render: (results: unknown) => Record<string, string> }
    const files = render(JSON.parse(read('docs/benchmarks.json')).benches)
    expect(Object.keys(files)).toEqual(['benchmarks.md', 'benchmarks.svg'])
    for (const [file, text] of Object.entries(files)) expect(read(`docs/${file}`), file).toBe(text)
  })

  it('are all listed, under the names that they report', async () => {
    const { benches } = (await load('bench/benches.mjs')) as { benches: { name: string }[] }
    const named = readdirSync(new URL('bench/', root))
      .filter((file) => file.endsWith('.mjs'))
      .flatMap((file) => read(`bench/${file}`).match(/= bench\('(.+?)'/)?.[1] ?? [])
    expect(benches.map(({ name }) => name).sort()).toEqual(named.sort())
    for (const name of named) expect(read(`bench/${name}.mjs`)).toContain(`bench('${name}'`)
  })
})
