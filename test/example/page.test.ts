// The page in a real browser: every button, live updates, a reload, no outside request, no console error, no serious finding of axe.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, emptyFolder, isInstalled, type Running, start } from './support.ts'

const chromium = '/usr/bin/chromium'
const browserFolder = new URL('../browser/package.json', import.meta.url)
const hasBrowser = existsSync(chromium) && existsSync(new URL('node_modules/playwright-core', browserFolder))
if (isInstalled && !hasBrowser) {
  const message = 'The page is not tested: Chromium, or what `npm install --prefix test/browser` installs, is missing.'
  if (process.env.CI) throw new Error(message)
  console.warn(message)
}

/** Where the README's pictures are. They are taken in every run, and kept only if this variable asks for it: each run shows other times. */
const pictures = fileURLToPath(new URL('../../examples/stream-server/pictures/', import.meta.url))
const pathOf = (name: string): { path?: string } =>
  process.env.UPDATE_PICTURES ? { path: `${pictures}${name}.png` } : {}
if (process.env.UPDATE_PICTURES) mkdirSync(pictures, { recursive: true })

describe.skipIf(!isInstalled || !hasBrowser)('the page', () => {
  let server: Running
  // Playwright and axe are installed in a folder of their own, so their types are not at hand here.
  let browser: ReturnType<typeof JSON.parse>
  const require = createRequire(browserFolder)
  const problems: string[] = []
  beforeAll(async () => {
    server = await start({ DATA_DIR: emptyFolder(), ENDPOINT_ALLOW: '127.0.0.0/8' })
    browser = await require('playwright-core').chromium.launch({ executablePath: chromium, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
    server.process.kill('SIGKILL')
  })

  async function open(options: object): Promise<ReturnType<typeof JSON.parse>> {
    const page = await browser.newPage(options)
    page.on('console', (message: { type(): string; text(): string }) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    page.on('pageerror', (error: Error) => problems.push(String(error)))
    page.on('request', (request: { url(): string }) => {
      if (!request.url().startsWith(server.origin) && !request.url().startsWith('data:')) problems.push(request.url())
    })
    await page.goto(server.origin)
    await page.getByText('Connected.').waitFor()
    return page
  }

  it('answers every button, and keeps the deliveries after a reload', async () => {
    const page = await open({})
    const press = (name: string): Promise<void> => page.getByRole('button', { name }).click()
    const first = page.locator('#deliveries li').first()
    for (const [name, code] of [
      ['Good delivery', '200 ok'],
      ['Tampered delivery', '401 signature_mismatch'],
      ['Duplicate delivery', '200 duplicate_delivery'],
      ['Late delivery', '401 timestamp_outside_tolerance'],
    ] as const) {
      await press(name)
      await first.getByText(code).waitFor()
      await page.getByRole('status').getByText(name).waitFor()
      if (name === 'Tampered delivery') await first.locator('.findings').getByText('Nothing that was tried').waitFor()
    }
    await press('Outage')
    await page.locator('[aria-pressed="true"]').waitFor()
    await press('Good delivery')
    await first.getByText('503 store_unavailable').waitFor()
    await press('Outage')
    await page.getByText('The outage is over.').waitFor()
    await press('Reorg')
    await page.locator('#reorgs s').first().waitFor()
    await press('New stream')
    await page.locator('#streams progress').waitFor()
    const count = await page.locator('#deliveries li').count()
    await page.reload()
    await page
      .locator('#deliveries li')
      .nth(count - 1)
      .waitFor()
    expect(await page.locator('#deliveries li').count()).toBe(count)
    expect(await page.locator('#chain li').count()).toBeGreaterThan(0)
    expect(problems).toEqual([])
    await page.close()
  })

  it('draws the attempts at a delivery, with the next delay', async () => {
    const page = await open({})
    const endpoint = createServer((_request, response) => {
      response.writeHead(tries++ === 0 ? 503 : 204).end()
    })
    let tries = 0
    endpoint.listen(0, '127.0.0.1')
    await once(endpoint, 'listening')
    const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hook`
    const made = await call(server.origin, 'POST', '/api/endpoints', { url, secret: 'endpoint-secret' })
    await page.getByRole('button', { name: 'New stream' }).click()
    await page.getByText(/retry http_status, answered 503; next attempt at .*, in \d\.\d s/).waitFor()
    await page.locator('#attempts svg circle.due').waitFor()
    await page.getByText('delivered ok').waitFor()
    expect(await page.locator('#attempts svg circle').count()).toBe(2)
    await call(server.origin, 'DELETE', `/api/endpoints/${made.body.id}`)
    endpoint.close()
    endpoint.closeAllConnections()
    expect(problems).toEqual([])
    await page.close()
  })

  it('draws the ledgers that were replaced, after a reload too', async () => {
    const page = await open({})
    for (let press = 0; press < 3; press++) {
      await page.getByRole('button', { name: 'Reorg' }).click()
      await page.getByText('answered 200 REORG').waitFor()
      await page.locator('#reorgs li').nth(press).waitFor()
    }
    const replaced = await page.locator('#drawing rect.replaced').count()
    expect(replaced).toBeGreaterThanOrEqual(3)
    await page.reload()
    await page.locator('#drawing rect.replaced').first().waitFor()
    await expect.poll(() => page.locator('#drawing rect.replaced').count()).toBe(replaced)
    expect(problems).toEqual([])
    await page.close()
  })

  it('compares two deliveries, and copies one as a command that runs', async () => {
    const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await page.getByRole('button', { name: 'Good delivery' }).click()
    const first = page.locator('#deliveries li').first()
    await first.getByText('200 ok').waitFor()
    await first.getByRole('button', { name: 'Copy as curl' }).click()
    await page.getByText('Copied as curl.').waitFor()
    const command = await page.evaluate('navigator.clipboard.readText()')
    const { stdout } = await promisify(execFile)('bash', ['-c', command])
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, duplicate: true })
    await first.getByText('200 duplicate_delivery').waitFor()
    await page.getByRole('button', { name: 'Tampered delivery' }).click()
    await first.getByText('401 signature_mismatch').waitFor()
    await first.getByRole('button', { name: 'Compare' }).click()
    await page.locator('#deliveries li').nth(2).getByRole('button', { name: 'Compare' }).click()
    await page.locator('#difference').getByText('9000000').waitFor()
    expect(await page.locator('#difference dt').allTextContents()).toEqual(
      expect.arrayContaining(['verdict', 'x-fluxora-delivery-id', 'x-fluxora-signature', 'body']),
    )
    expect(problems).toEqual([])
    await page.close()
  })

  it.skipIf(!existsSync(new URL('../../docs/live/dist/index.html', import.meta.url)))(
    'has the live page of the docs at /diagnose',
    async () => {
      const page = await browser.newPage()
      await page.goto(`${server.origin}/diagnose`)
      await page.getByRole('heading', { name: 'Why did this webhook fail?' }).waitFor()
      expect(await page.getByLabel('Scheme of the endpoint').locator('option').count()).toBeGreaterThan(40)
      await page.close()
    },
  )

  it('is pictured for the README, in light, in dark and on a phone', async () => {
    for (const [name, options] of Object.entries({
      light: { colorScheme: 'light', viewport: { width: 1180, height: 1300 } },
      dark: { colorScheme: 'dark', viewport: { width: 1180, height: 1300 } },
      phone: { colorScheme: 'light', viewport: { width: 360, height: 740 } },
    })) {
      const page = await open(options)
      await page.locator('#attempts svg').waitFor()
      const [tampered, good] = [page.getByText('401 signature_mismatch').first(), page.getByText('200 ok').first()]
      const chooserOf = (verdict: typeof tampered): typeof tampered =>
        page.locator('#deliveries > li').filter({ has: verdict }).first().getByRole('button', { name: 'Compare' })
      await chooserOf(good).click()
      await chooserOf(tampered).click()
      await page.locator('#difference mark').first().waitFor()
      await page.evaluate('scrollTo(0, 0)')
      expect((await page.screenshot(pathOf(name))).length).toBeGreaterThan(10_000)
      await page.close()
    }
  })

  it.each(['light', 'dark'])(
    'has no serious finding of axe in %s, and does not scroll sideways at 360 pixels',
    async (colorScheme) => {
      const page = await open({ colorScheme, viewport: { width: 360, height: 740 }, bypassCSP: true })
      await page.locator('#deliveries li').first().waitFor()
      await page.addScriptTag({ path: require.resolve('axe-core') })
      const found = await page.evaluate(
        `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }).then(({ violations }) => violations.map(({ id, impact }) => impact + ' ' + id))`,
      )
      expect(found.filter((finding: string) => /serious|critical/.test(finding))).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      const outline = await page.evaluate(
        `document.querySelector('button').focus({ focusVisible: true }), getComputedStyle(document.activeElement).outlineStyle`,
      )
      expect(outline).toBe('solid')
      expect(problems).toEqual([])
      await page.close()
    },
  )

  it('lets only its own page press the buttons', async () => {
    const press = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${server.origin}/demo/good`, { method: 'POST', headers })).status
    expect(await press({})).toBe(403)
    expect(await press({ origin: 'http://evil.example' })).toBe(403)
    expect(await press({ origin: server.origin })).toBe(200)
  })
})
