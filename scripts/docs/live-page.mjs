// Puts the live page together: docs/live/page.html with its style and its script inside it, as docs/live/dist/index.html. It can be opened from
// the disk, or served by anything. It has to be built anew after `npm run build`.
//
//   node scripts/docs/live-page.mjs

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { root } from '../shared/repository.mjs'

const folder = `${root}docs/live/`
const read = (file) => readFileSync(folder + file, 'utf8')

const { outputFiles } = await build({
  entryPoints: [`${folder}page.js`],
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  charset: 'ascii',
  logLevel: 'error',
})
// Nothing in a script may look like its end.
const script = outputFiles[0].text.replaceAll('</script', '<\\/script')
const style = read('page.css')

const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(style)}`,
  "connect-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join('; ')

const parts = { policy, style, script }
// By a function: a script holds what `replace` would take for patterns.
const page = read('page.html').replace(/(?:\/\*)?\{\{(\w+)\}\}(?:\*\/)?/g, (_, name) => parts[name])
mkdirSync(`${folder}dist`, { recursive: true })
writeFileSync(`${folder}dist/index.html`, page)
console.log(`docs/live/dist/index.html: ${page.length} bytes`)
