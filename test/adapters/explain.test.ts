// The option explain: refusals are diagnosed for the operator, a few a minute, after the answer.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type DiagnosisInput, type ExplainedRefusal, explainWith } from '../../src/adapters/http.ts'
import { standardWebhooks } from '../../src/webhook/schemes/index.ts'
import { attempt, type Draft, deliver, SECRET } from './support/client.ts'
import { type Setup, targets } from './support/targets.ts'

const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)
beforeAll(() => void process.on('unhandledRejection', note).on('uncaughtException', note))
afterAll(() => void process.off('unhandledRejection', note).off('uncaughtException', note))

interface Explained {
  readonly input: DiagnosisInput
  readonly refusal: ExplainedRefusal
}

/** An explainer that notes what it is asked. */
function explainer(settings: { perMinute?: number; diagnose?: () => Promise<unknown> } = {}) {
  const { diagnose = async () => {}, perMinute } = settings
  const explained: Explained[] = []
  const asked: DiagnosisInput[] = []
  const explain = explainWith(
    async (input) => {
      asked.push(input)
      await diagnose()
      return input
    },
    { onDiagnosis: (input, refusal) => explained.push({ input, refusal }), perMinute },
  )
  return {
    explain,
    asked,
    explained,
    async one(): Promise<Explained> {
      while (explained.length === 0) await sleep(1)
      return explained.shift() as Explained
    },
  }
}

const forged = (): Draft => ({ ...attempt(), secrets: 'another-secret-do-not-show' })

describe.each(targets)('$name', (target) => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
    expect(unhandled.splice(0)).toEqual([])
  })

  async function serve(options: Partial<Setup['options']>) {
    const { port, close } = await target.start({ options: { secrets: SECRET, ...options }, run: () => {} })
    closing.push(close)
    return (draft?: Draft) => deliver(port, draft)
  }

  it('has a refused delivery diagnosed, and tells the sender nothing of it', async () => {
    const { explain, one } = explainer()
    const send = await serve({ explain, toleranceSeconds: 77, publicUrl: 'https://example.com' })
    const draft = forged()
    const answer = await send(draft)
    expect(answer).toMatchObject({ status: 401, json: { error: 'signature_mismatch' } })
    expect(Object.keys(answer.json)).toEqual(['error', 'message'])
    const { input, refusal } = await one()
    expect(refusal).toEqual({ scheme: 'fluxora', code: 'signature_mismatch' })
    expect(Buffer.from(input.body).toString()).toBe(draft.body)
    const { secrets, toleranceSeconds, maxHashedBytes, url, method } = input
    expect({ secrets, toleranceSeconds, maxHashedBytes, url, method }).toEqual({
      secrets: SECRET,
      toleranceSeconds: 77,
      maxHashedBytes: 4_194_304,
      url: 'https://example.com/webhooks',
      method: 'POST',
    })
    expect(input.scheme.name).toBe('fluxora')
    expect(input.now()).toBeGreaterThan(1.7e9)
    expect(JSON.stringify([...new Headers(headerPairs(input.headers))])).toContain(draft.deliveryId)
  })

  it('finds secrets that a function or a tenant has', async () => {
    for (const options of [
      { secrets: async () => SECRET },
      { secrets: undefined, tenant: async () => ({ namespace: 't', secrets: SECRET }) },
    ]) {
      const { explain, one } = explainer()
      const send = await serve({ ...options, explain })
      await send(forged())
      expect((await one()).input.secrets).toBe(SECRET)
    }
  })

  it('is not asked about what is accepted, or is refused before the body is read', async () => {
    const { explain, asked } = explainer()
    const send = await serve({ explain })
    const draft = attempt()
    expect([(await send(draft)).status, (await send(draft)).json.duplicate]).toEqual([200, true])
    await send({ headers: { 'x-fluxora-signature': undefined } })
    await send({ ...attempt(), timestamp: 1_710_000_000 })
    await send({ method: 'PUT' })
    await sleep(5)
    expect(asked).toEqual([])
  })

  it('is asked about one refusal at a time, and no more than so many a minute', async () => {
    let finish: ((value?: unknown) => void) | undefined
    const diagnose = () =>
      new Promise((resolve) => {
        finish = resolve
      })
    const { explain, asked, explained, one } = explainer({ diagnose, perMinute: 2 })
    const send = await serve({ explain })
    await send(forged())
    while (asked.length === 0) await sleep(1)
    for (let i = 0; i < 3; i++) await send(forged())
    expect(asked).toHaveLength(1)
    finish?.()
    await one()
    await send(forged())
    while (asked.length === 1) await sleep(1)
    finish?.()
    await one()
    for (let i = 0; i < 3; i++) await send(forged())
    expect([asked.length, explained.length]).toEqual([2, 0])
  })

  it('may fail in any way', async () => {
    let logged = 0
    const failing = [
      explainWith(() => Promise.reject(new Error('no')), { onDiagnosis: () => {} }),
      explainWith(
        () => {
          throw new Error('no')
        },
        { onDiagnosis: () => {} },
      ),
      explainWith(async () => ({}), {
        onDiagnosis() {
          logged++
          throw new Error('no')
        },
      }),
      explainWith(async () => ({}), {
        onDiagnosis() {
          logged++
          return Promise.reject(new Error('no'))
        },
      }),
    ]
    for (const explain of failing) {
      const send = await serve({ explain })
      for (let i = 0; i < 2; i++) expect((await send(forged())).status).toBe(401)
    }
    while (logged < 2) await sleep(1)
    await sleep(5)
  })
})

function headerPairs(headers: unknown): [string, string][] {
  if (headers instanceof Headers) return [...headers]
  const flat = headers as readonly string[]
  return flat.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : []))
}

describe('explainWith', () => {
  const diagnose = async () => ({})

  it('throws for what makes no sense', () => {
    const make = (given: unknown, options: unknown) => () => explainWith(given as typeof diagnose, options as never)
    const onDiagnosis = () => {}
    expect(make(undefined, { onDiagnosis })).toThrow(/diagnoseDelivery/)
    expect(make(diagnose, undefined)).toThrow(/onDiagnosis/)
    expect(make(diagnose, {})).toThrow(/onDiagnosis/)
    expect(make(diagnose, { onDiagnosis, perMinutes: 1 })).toThrow(/perMinutes is not an option/)
    for (const perMinute of [0, 601, Number.NaN, '6']) expect(make(diagnose, { onDiagnosis, perMinute })).toThrow(/600/)
    for (const maxHashedBytes of [0, 2 ** 27]) expect(make(diagnose, { onDiagnosis, maxHashedBytes })).toThrow(/bytes/i)
  })

  it.each(targets)('is the only maker of the option, in $name', async ({ start }) => {
    for (const explain of [() => {}, 'yes', null, {}, diagnose]) {
      const options = { secrets: SECRET, explain } as unknown as Setup['options']
      const starting = async () => start({ options, run: () => {} })
      await expect(starting()).rejects.toMatchObject({ code: 'invalid_option', option: 'explain' })
    }
  })

  it('passes the scheme and its secrets on', async () => {
    const [http] = targets
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    const { explain, one } = explainer()
    const { port, close } = await http!.start({
      options: { scheme: standardWebhooks, secrets: [secret], explain },
      run: () => {},
    })
    await deliver(port, { scheme: standardWebhooks, secrets: `whsec_${Buffer.alloc(32, 8).toString('base64')}` })
    expect(await one()).toMatchObject({ input: { scheme: standardWebhooks, secrets: [secret] } })
    await close()
  })
})
