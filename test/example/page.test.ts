// The page in a real browser: every button, live updates, a reload, no outside request, no console error, no serious finding of axe.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyFolder, isInstalled, type Running, start } from './support.ts'

const chromium = '/usr/bin/chromium'
const browserFolder = new URL('../browser/package.json', import.meta.url)
const hasBrowser = existsSync(chromium) && existsSync(new URL('node_modules/playwright-core', browserFolder))
if (isInstalled && !hasBrowser) {
  const message = 'The page is not tested: Chromium, or what `npm install --prefix test/browser` installs, is missing.'
  if (process.env.CI) throw new Error(message)
  console.warn(message)
}

describe.skipIf(!isInstalled || !hasBrowser)('the page', () => {
  let server: Running
  // Playwright and axe are installed in a folder of their own, so their types are not at hand here.
  let browser: ReturnType<typeof JSON.parse>
  const require = createRequire(browserFolder)
  const problems: string[] = []
  beforeAll(async () => {
    server = await start({ DATA_DIR: emptyFolder() })
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
