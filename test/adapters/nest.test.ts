// The recipes for NestJS, compiled and run in NestJS itself, which has its own package.json: npm install --prefix test/adapters/nest

import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createWebhookSigner } from '../../src/webhook/index.ts'

const root = new URL('../../', import.meta.url)
const nest = new URL('./nest/', import.meta.url)
const recipes = readdirSync(nest).filter((file) => /^nest-.*\.ts$/.test(file))
const isBuilt = existsSync(new URL('dist/express.js', root))
const isInstalled = existsSync(new URL('node_modules/@nestjs/core', nest))
if (isBuilt && !isInstalled && process.env.CI === 'true')
  throw new Error('NestJS is not installed; in CI no recipe may be skipped')

interface Application {
  getUrl(): Promise<string>
  close(): Promise<void>
}

/** Type-checks and compiles the recipes against the built package, with the settings of Nest's own starter. */
function compile(): readonly string[] {
  const own = new URL('node_modules/@fluxora/', nest)
  mkdirSync(own, { recursive: true })
  if (!existsSync(new URL('verify', own))) symlinkSync('../../../../..', fileURLToPath(new URL('verify', own)))
  const config = fileURLToPath(new URL('tsconfig.json', nest))
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => expect.fail('tsconfig.json cannot be read') }
  const parsed = ts.getParsedCommandLineOfConfigFile(config, {}, host)
  const program = ts.createProgram(parsed?.fileNames ?? [], parsed?.options ?? {})
  const { diagnostics } = program.emit()
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ file, messageText }) => {
    return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}

describe.skipIf(!isBuilt || !isInstalled)('the recipe for NestJS', () => {
  let complaints: readonly string[]
  beforeAll(() => {
    complaints = compile()
  }, 120_000)

  it('type-checks', () => {
    expect(complaints).toEqual([])
  })

  it.each(recipes)('%s handles a delivery once, behind a global prefix', async (recipe) => {
    vi.stubEnv('WEBHOOK_SECRET', 'topsecret')
    vi.stubEnv('PORT', '0')
    vi.spyOn(process.stdout, 'write').mockReturnValue(true) // Nest logs its start
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const file = new URL(`dist/${recipe.replace(/\.ts$/, '.js')}`, nest).href
    const app = (await (await import(/* @vite-ignore */ file)).started) as Application
    try {
      const url = `${(await app.getUrl()).replace('[::1]', '127.0.0.1')}/api/webhooks`
      const body = '{ "amount": "1.0" }' // not the way JSON.stringify writes it
      const headers: Record<string, string> = {
        ...createWebhookSigner({ secrets: 'topsecret' }).sign({ body }),
        'content-type': 'application/json',
      }
      const post = async (sent: string) => {
        const answer = await fetch(url, { method: 'POST', body: sent, headers })
        return [answer.ok, await answer.json()]
      }
      expect(await post(body)).toEqual([true, { ok: true }])
      expect(await post(body)).toMatchObject([true, { duplicate: true }])
      expect(await post('{}')).toMatchObject([false, { error: 'signature_mismatch' }])
      expect(log.mock.calls).toEqual([['once', headers['x-fluxora-delivery-id'], { amount: '1.0' }]])
    } finally {
      await app.close()
      vi.restoreAllMocks()
      vi.unstubAllEnvs()
    }
  })
})
