// Names the repository in package.json. Until it has a home, its addresses say OWNER/REPOSITORY.
//
//   node scripts/package/repository.mjs owner/name

import { readFileSync, writeFileSync } from 'node:fs'
import { root } from '../shared/repository.mjs'

const [name = ''] = process.argv.slice(2)
if (!/^[\w-]+\/[\w.-]+$/.test(name)) throw new Error('Say which: node scripts/package/repository.mjs owner/name')
const file = `${root}package.json`
const manifest = JSON.parse(readFileSync(file, 'utf8'))
manifest.homepage = `https://github.com/${name}#readme`
manifest.bugs = `https://github.com/${name}/issues`
manifest.repository = { type: 'git', url: `git+https://github.com/${name}.git` }
manifest.funding = `https://github.com/sponsors/${name.split('/')[0]}`
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
console.log(`package.json: ${name}`)
