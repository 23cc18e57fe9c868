// The recipes of docs/reorg.md for EVM clients: taken from the page, compiled in strict mode, and run with the real viem and ethers against
// a node that grows and forks. The clients have their own folder: `npm install --prefix test/reorg/clients`.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Ledger, ReorgEffect } from '../../src/reorg/index.ts'
import { STRICT } from '../docs/compiling.ts'
import { type EvmNode, startEvmNode } from './evm-node.ts'
import { carryOut } from './support.ts'

const page = readFileSync(new URL('../../docs/reorg.md', import.meta.url), 'utf8')
const clients = fileURLToPath(new URL('clients/', import.meta.url))
const generated = `${clients}generated/`
const recipes = ['viem', 'ethers'].map((client) => ({
  client,
  path: `${generated}${client}.ts`,
  code: recipeOf(client),
}))

const isInstalled = recipes.every(({ client }) => existsSync(`${clients}node_modules/${client}`))
if (!isInstalled && process.env.CI === 'true') {
  throw new Error('in CI no suite may be skipped: install test/reorg/clients')
}

/** The code block of the page that imports this client. */
function recipeOf(client: string): string {
  const blocks = [...page.matchAll(/^<!-- run by: test\/reorg\/recipes\.test\.ts -->\n```ts\n([\s\S]*?)^```$/gm)]
  const found = blocks.map(([, code = '']) => code).filter((code) => code.includes(`from '${client}'`))
  expect(found).toHaveLength(1)
  return (found[0] as string).replaceAll("'@fluxora/verify/reorg'", "'../../../../src/reorg/index.ts'")
}

describe.skipIf(!isInstalled)('the recipes', () => {
  const finalityDepth = 40
  let node: EvmNode

  beforeAll(async () => {
    rmSync(generated, { recursive: true, force: true })
    mkdirSync(generated)
    for (const { path, code } of recipes) writeFileSync(path, code)
    node = await startEvmNode(finalityDepth)
    process.env.RPC_URL = node.url
  })

  afterAll(() => {
    delete process.env.RPC_URL
    node.close()
    rmSync(generated, { recursive: true, force: true })
  })

  it('compile in strict mode, as pasted', { timeout: 120_000 }, () => {
    const program = ts.createProgram(
      recipes.map(({ path }) => path),
      { ...STRICT, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'] },
    )
    const said = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
      return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
    expect(said).toEqual([])
  })

  it.each(recipes)('for $client follows a chain that grows and forks, and learns what is final', async ({ path }) => {
    const { follow } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as {
      follow(): Promise<readonly ReorgEffect[]>
    }
    let list: readonly Ledger[] = []
    const types = new Set<string>()
    const turn = async (): Promise<void> => {
      const effects = await follow()
      list = carryOut(list, effects)
      for (const { type } of effects) types.add(type)
      const first = list[0]?.sequence as number
      const canonical = node.chain.filter(({ number }) => Number(number) >= first)
      expect(list.map(({ hash }) => hash)).toEqual(canonical.map(({ hash }) => hash))
    }
    for (const [count, depth] of [
      [1, 0],
      [1, 0],
      [30, 0],
      [2, 1],
      [0, 1],
      [60, 5],
      [3, 12],
      [0, 0],
    ] as const) {
      node.grow(count)
      if (depth > 0) node.fork(depth)
      await turn()
    }
    for (const type of ['apply', 'finalize', 'rollback', 'safe']) expect(types).toContain(type)
    expect(list.at(-1)).toMatchObject({ closedAt: 1_700_000_000 + (list.at(-1)?.sequence as number) * 12 })
  })
})
