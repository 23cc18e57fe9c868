// The live page in a real browser, opened from the disk: verdicts and findings, no request to anywhere, no console error, no serious finding of
// axe. It is made of the built package.

import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const chromium = '/usr/bin/chromium'
const browserFolder = new URL('../browser/package.json', import.meta.url)
const isReady =
  existsSync(chromium) &&
  existsSync(new URL('node_modules/playwright-core', browserFolder)) &&
  existsSync(`${root}dist/diagnose.js`)
if (!isReady) {
  const message =
    'The live page is not tested: it takes Chromium, npm run build, and npm install --prefix test/browser.'
  if (process.env.LIVE_MUST_RUN) throw new Error(message)
  console.warn(message)
}

const NOW = 1_710_000_000
const SECRET = 'top-secret-4711'
const BODY = '{"event":"stream.updated","amount":"1.50"}'

const headersFor = (body: string, secret = SECRET): string => {
  const signature = createHmac('sha256', secret).update(`${NOW}.${body}`).digest('hex')
  return `POST /hooks HTTP/1.1\nX-Fluxora-Delivery-Id: evt_1\nX-Fluxora-Timestamp: ${NOW}\nX-Fluxora-Signature: ${signature}\n`
}

describe.skipIf(!isReady)('the live page', () => {
  // Playwright and axe are installed in a folder of their own, so their types are not at hand here.
  let browser: ReturnType<typeof JSON.parse>
  let page: ReturnType<typeof JSON.parse>
  const require = createRequire(browserFolder)
  const problems: string[] = []
  const requests: string[] = []
  beforeAll(async () => {
    execFileSync(process.execPath, ['scripts/docs/live-page.mjs'], { cwd: root })
    browser = await require('playwright-core').chromium.launch({ executablePath: chromium, args: ['--no-sandbox'] })
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    problems.length = 0
    requests.length = 0
    page = await browser.newPage({ viewport: { width: 900, height: 1250 } })
    page.on('console', (message: { type(): string; text(): string }) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    page.on('pageerror', (error: Error) => problems.push(String(error)))
    page.on('requestfinished', (request: { url(): string }) => requests.push(request.url()))
    await page.goto(`file://${root}docs/live/dist/index.html`)
    return () => page.close()
  })

  async function diagnose(fields: Record<string, string>): Promise<{ verdict: string; findings: string[] }> {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value)
    await page.getByRole('button', { name: 'Find the cause' }).click()
    await page
      .locator('#verdict')
      .getByText(/^(Genuine|Refused|This cannot)/)
      .waitFor()
    const findings: string[] = await page.locator('#findings li').allInnerTexts()
    return { verdict: await page.locator('#verdict').textContent(), findings }
  }

  const request = { Secret: SECRET, Headers: headersFor(BODY), Body: BODY, 'Time of arrival': String(NOW) }

  it('calls a genuine delivery genuine', async () => {
    expect(await diagnose(request)).toEqual({ verdict: 'Genuine', findings: [] })
    expect(problems).toEqual([])
    expect(requests).toHaveLength(1)
  })

  it.each([
    [
      'a body that was written again',
      { Headers: headersFor(JSON.stringify(JSON.parse(BODY), null, 2)) },
      'proven body_reserialized (the secret)',
    ],
    ['white space in the secret', { Secret: `${SECRET} ` }, 'proven secret_whitespace (the secret)'],
    ['a clock', { 'Time of arrival': String(NOW + 4000) }, 'fact clock_skew'],
    [
      'another secret',
      { Secret: 'another', 'Other secrets, one a line': `x\n${SECRET}` },
      'proven secret_other (other secret 2)',
    ],
    [
      'another sender',
      { Headers: `X-Hub-Signature-256: sha256=${createHmac('sha256', SECRET).update(`${BODY}\n`).digest('hex')}` },
      'proven body_newline (the secret)',
    ],
    ['nothing that is known', { Headers: headersFor('x'), Body: '"text"' }, 'fact nothing_matches'],
  ])('finds %s', async (_, change, expected) => {
    const { verdict, findings } = await diagnose({ ...request, ...change })
    expect(verdict).toMatch(/^Refused: /)
    expect(findings[0]?.split('\n')[0]).toBe(expected)
    expect(await page.locator('#findings').textContent()).not.toContain(SECRET)
    expect(problems).toEqual([])
    expect(requests).toHaveLength(1)
  })

  it('takes the bytes of a file', async () => {
    await page
      .getByLabel('choose a file:')
      .setInputFiles({ name: 'body', mimeType: 'a/b', buffer: Buffer.from(`${BODY}\r\n`) })
    expect((await diagnose({ ...request, Body: '' })).findings[0]).toContain('CRLF removed')
  })

  it('says what is wrong with what was typed, and clears it', async () => {
    expect(await diagnose({ ...request, 'Time of arrival': 'yesterday' })).toMatchObject({
      verdict: 'This cannot be diagnosed',
    })
    await page.getByRole('button', { name: 'Clear' }).click()
    expect(await page.locator('#verdict').textContent()).toBe('No delivery yet')
    expect(await page.getByLabel('Secret', { exact: true }).inputValue()).toBe('')
  })

  it('may open no connection', async () => {
    const tried = await page.evaluate(async () => {
      const image = new Promise((resolve) => {
        const made = new Image()
        made.onload = () => resolve('loaded')
        made.onerror = () => resolve('refused')
        made.src = 'https://example.com/a.png'
      })
      const fetched = fetch('https://example.com/').then(
        () => 'loaded',
        () => 'refused',
      )
      return Promise.all([image, fetched])
    })
    expect(tried).toEqual(['refused', 'refused'])
    expect(problems.join()).toContain('Content Security Policy')
    expect(requests).toHaveLength(1)
  })

  it('can be used with the keyboard alone, and read aloud', async () => {
    await page.getByLabel('Secret', { exact: true }).fill(SECRET)
    await page.getByLabel('Headers', { exact: true }).fill(headersFor(BODY))
    await page.getByLabel('Time of arrival', { exact: true }).fill(String(NOW))
    await page.getByLabel('Body', { exact: true }).fill(`${BODY}\n`)
    await page.getByLabel('Time of arrival', { exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.locator('#findings li').first().waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('result')
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.evaluate(require('axe-core').source)
      const { violations } = await page.evaluate('axe.run()')
      expect(violations.filter(({ impact }: { impact: string }) => /serious|critical/.test(impact))).toEqual([])
    }
    if (process.env.UPDATE_PICTURES) {
      await page.emulateMedia({ colorScheme: 'light' })
      await page.screenshot({ path: `${root}docs/live/picture.png`, fullPage: true })
    }
  })
})
