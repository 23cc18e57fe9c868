// Every block of docs/decimal.md is compiled as it is pasted, under strict settings, and run; and what it says in its comments is so.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import * as decimal from '../../src/decimal/index.ts'
import { holds, type Run, runBlock } from '../docs/claims.ts'

const here = dirname(fileURLToPath(import.meta.url))
const page = readFileSync(join(here, '../../docs/decimal.md'), 'utf8')
const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)
const fileOf = (index: number): string => join(here, `docs-block-${index}.ts`)

describe('docs/decimal.md', () => {
  it('has only blocks of TypeScript', () => {
    expect(blocks.length).toBeGreaterThan(8)
    expect([...page.matchAll(/^```(\w+)$/gm)].filter(([, language]) => language !== 'ts')).toEqual([])
  })

  it('type-checks, block by block, as pasted', () => {
    const options: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      paths: { '@fluxora/verify/decimal': [join(here, '../../src/decimal/index.ts')] },
    }
    const host = ts.createCompilerHost(options)
    const texts = new Map(blocks.map((code, index) => [fileOf(index), code]))
    const read = host.readFile.bind(host)
    const exists = host.fileExists.bind(host)
    host.readFile = (file) => texts.get(file) ?? read(file)
    host.fileExists = (file) => texts.has(file) || exists(file)
    host.getSourceFile = (file, version) => {
      const text = host.readFile(file)
      return text === undefined ? undefined : ts.createSourceFile(file, text, version, true)
    }
    const program = ts.createProgram([...texts.keys()], options, host)
    const complaints = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
      const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
      return `${file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
    expect(complaints).toEqual([])
  })

  it.each(blocks.map((code, index) => [index, code] as const))('block %d runs, and is true', async (_, code) => {
    const { said } = await run(code)
    for (const { claim, value } of said) expect(holds(value, claim), `${claim} is not ${String(value)}`).toBe(true)
  })

  it('shows the results of most of its lines', async () => {
    const said = await Promise.all(blocks.map(run))
    expect(said.flatMap((block) => block.said).length).toBeGreaterThan(20)
  })
})

const blockWith = (text: string): string => {
  const found = blocks.filter((code) => code.includes(text))
  expect(found).toHaveLength(1)
  return found[0] as string
}
const BAD = { depositAmount: '1,5', tip: '-1' }

describe('the recipe for zod', () => {
  it('gives units and issues with a path, and optional fields may be missing', async () => {
    const { body } = (await run(blockWith("from 'zod'"))).exports as { body: typeof import('zod').z.ZodType.prototype }
    expect(body.safeParse({ depositAmount: '1', tip: '0.5' })).toStrictEqual({
      success: true,
      data: { depositAmount: 10_000_000n, tip: 5_000_000n },
    })
    expect(body.safeParse({ depositAmount: '1' })).toMatchObject({
      success: true,
      data: { depositAmount: 10_000_000n },
    })
    const { error } = body.safeParse(BAD)
    expect(error?.issues).toMatchObject([
      { path: ['depositAmount'], message: expect.stringMatching(/separators/), params: { reason: 'separator' } },
      { path: ['tip'], message: 'The amount is below the minimum of 0.', params: { code: 'DECIMAL_OUT_OF_RANGE' } },
    ])
    for (const depositAmount of [1.5, 15n, null, undefined]) {
      expect(body.safeParse({ depositAmount }).success).toBe(false)
    }
  })

  it('describes the text in JSON Schema', async () => {
    const { z } = await import('zod')
    const { body } = (await run(blockWith("from 'zod'"))).exports as { body: Parameters<typeof z.toJSONSchema>[0] }
    const amount = { type: 'string', pattern: decimal.decimalPattern(decimal.STELLAR_AMOUNT), maxLength: 128 }
    expect(z.toJSONSchema(body as never, { io: 'input' })).toMatchObject({
      properties: { depositAmount: amount, tip: amount },
      required: ['depositAmount'],
    })
  })
})

describe('the recipe for valibot', () => {
  it('gives units and issues with a path, and optional fields may be missing', async () => {
    const v = await import('valibot')
    const { body } = (await run(blockWith("from 'valibot'"))).exports as { body: Parameters<typeof v.safeParse>[0] }
    expect(v.safeParse(body, { depositAmount: '1', tip: '0.5' })).toMatchObject({
      success: true,
      output: { depositAmount: 10_000_000n, tip: 5_000_000n },
    })
    expect(v.safeParse(body, { depositAmount: '1' }).output).toStrictEqual({ depositAmount: 10_000_000n })
    const { issues } = v.safeParse(body, BAD)
    expect(issues?.map((issue) => [v.getDotPath(issue), issue.message])).toEqual([
      ['depositAmount', expect.stringMatching(/separators/)],
      ['tip', 'The amount is below the minimum of 0.'],
    ])
    for (const depositAmount of [1.5, 15n, null, undefined]) {
      expect(v.safeParse(body, { depositAmount }).success).toBe(false)
    }
  })
})

describe('the recipe for hono-openapi', () => {
  it('validates, and writes the amount into the OpenAPI document', async () => {
    const { app } = (await run(blockWith("from 'hono-openapi'"))).exports as { app: import('hono').Hono }
    const post = (body: string) =>
      app.request('/tip', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    expect(await (await post('"1.5"')).json()).toEqual({ stroops: '15000000' })
    expect((await post('1.5')).status).toBe(400)
    const document = (await (await app.request('/openapi.json')).json()) as {
      paths: Record<string, { post: { requestBody: { content: Record<string, { schema: unknown }> } } }>
    }
    expect(document.paths['/tip']?.post.requestBody.content['application/json']?.schema).toEqual(
      decimal.decimalSchema(decimal.STELLAR_AMOUNT)['~standard'].jsonSchema.input({ target: 'openapi-3.1' }),
    )
  })
})

const run = async (code: string): Promise<Run> => {
  const modules: Record<string, unknown> = { '@fluxora/verify/decimal': decimal }
  for (const [, name = ''] of code.matchAll(/ from '([^']+)'$/gm)) {
    modules[name] ??= await import(/* @vite-ignore */ name)
  }
  return runBlock(code, modules)
}
