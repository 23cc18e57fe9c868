// What `npm run test:quickstarts` reads in the docs, without running it: that every quick start of the docs is tried, and can be followed.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { frameworks } from '../../scripts/package/quickstarts/frameworks.mjs'
import { stepsOf } from '../../scripts/package/quickstarts/page.mjs'

const page = readFileSync(new URL('../../docs/adapters.md', import.meta.url), 'utf8')

describe('the quick starts', () => {
  it('are all that docs/adapters.md has', () => {
    const sections = page.split(/^#+ (?=.*\n\n)/m).filter((section) => section.includes('\n```sh\n'))
    const headings = sections.map((section) => section.slice(0, section.indexOf('\n')))
    const read = frameworks.flatMap((framework) => framework.read.map(([, heading]) => heading))
    expect(headings.length).toBeGreaterThan(8)
    for (const heading of headings) expect(read).toContain(heading)
  })

  it.each(frameworks)('$name says what to save, what to install, and how to start it', ({ read }) => {
    const steps = read.flatMap(([file, heading]) => stepsOf(file, heading))
    const typed = steps.flatMap((step) => ('type' in step ? step.type : [])).join('\n')
    const saved = steps.flatMap((step) => ('save' in step ? [step.save] : []))
    expect(saved.length).toBeGreaterThan(0)
    expect(typed).toMatch(/(?:npm install|bun add|deno add) .*@fluxora\/verify/)
    expect(typed).toMatch(/WEBHOOK_SECRET.topsecret/)
  })

  it('say where to send and with what, if it is not as in the README', () => {
    for (const { path, sendWith } of frameworks) {
      if (path) expect(page).toContain(`http://localhost:3000${path}`)
      if (sendWith) expect(page).toContain(`\`${sendWith} send.mjs\``)
    }
  })

  it('need a heading that is there, and something to do below it', () => {
    expect(() => stepsOf('README.md', 'No such heading')).toThrow('has no heading')
    expect(() => stepsOf('README.md', 'More')).toThrow('nothing to save or to type')
  })
})
