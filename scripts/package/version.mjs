// Ends the version step (`npm run version:next`): gives jsr.json the version of package.json, and the changelog headings that say what a reader
// wants to know. Changesets writes "Minor Changes" and a hash for each line; a user asks what is new and what they must change.

import { readFileSync, writeFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const jsr = JSON.parse(readFileSync('jsr.json', 'utf8'))
writeFileSync('jsr.json', `${JSON.stringify({ ...jsr, version }, null, 2)}\n`)

const changelog = readFileSync('CHANGELOG.md', 'utf8')
writeFileSync(
  'CHANGELOG.md',
  changelog
    .replaceAll(/^### Major Changes$/gm, '### You must change something')
    .replaceAll(/^### Minor Changes$/gm, '### New')
    .replaceAll(/^### Patch Changes$/gm, '### Mended')
    .replaceAll(/^- [0-9a-f]{7}: /gm, '- '),
)
console.log(`version ${version}`)
