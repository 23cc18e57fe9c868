// The measure by which a release is refused if its changelog is a pile.

import { expect, it } from 'vitest'
import { measureChangelog } from '../../scripts/package/changelog.mjs'

const changelog = `# @fluxora/verify

## 0.2.0

### New

- **Sending** is new.

  - And this inside it.

- **Stellar**

### Mended

- A fault.

## 0.1.0

- The first
`

it.each([
  ['0.2.0', { notes: 3, lines: 6 }],
  ['0.1.0', { notes: 1, lines: 1 }],
  ['0.3.0', { notes: 0, lines: 0 }],
])('measures what is new in %s', (version, expected) => {
  expect(measureChangelog(changelog, version)).toEqual(expected)
})
