// Reads the results of `vitest run --coverage`, and records them room by room for docs/reliability.md.

import { readFileSync } from 'node:fs'
import { root } from '../shared/repository.mjs'
import { record } from './figures.mjs'

const files = Object.entries(JSON.parse(readFileSync(`${root}coverage/coverage-summary.json`, 'utf8')))

for (const room of ['decimal', 'webhook', 'reorg', 'adapters', 'testing', 'stores']) {
  const within = files.filter(([file]) => file.startsWith(`${root}src/${room}/`)).map(([, summary]) => summary)
  const percent = (kind) => {
    const sum = (what) => within.reduce((total, summary) => total + summary[kind][what], 0)
    return Math.floor((10_000 * sum('covered')) / sum('total')) / 100
  }
  const figures = { files: within.length, lines: percent('lines'), branches: percent('branches') }
  console.log(`coverage of ${room}: lines ${figures.lines} %, branches ${figures.branches} %`)
  record(`coverage ${room}`, 'npm run test:coverage', figures)
}
