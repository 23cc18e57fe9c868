// Gives the files that entries share a name that says what is in them. The bundler calls them chunk-XZJ55VM3.js, which tells nobody who reads a
// stack trace anything; after this it is webhook-pipeline-headers-XZJ55VM3.js, after the largest source in it. tsup runs it after each build.

import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../shared/repository.mjs'

const CHUNK = /\bchunk-([A-Z0-9]{8})(\.c?js)\b/g
const SOURCE = /^\/\/ src\/(\S+)\.ts$/gm

export function nameChunks(folder = join(root, 'dist')) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.c?js$/.test(file))
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  const nameOf = (chunk, hash, ending) => {
    const source = largestSource(texts.get(chunk) ?? '')
    return source ? `${source.replaceAll('/', '-')}-${hash}${ending}` : chunk
  }
  for (const [file, text] of texts) {
    const renamed = text.replace(CHUNK, nameOf)
    if (renamed !== text) writeFileSync(join(folder, file), renamed)
  }
  for (const file of files) {
    const name = file.replace(CHUNK, nameOf)
    if (name !== file) renameSync(join(folder, file), join(folder, name))
  }
}

/** The bundler writes the path of each source above what came from it. */
function largestSource(text) {
  const starts = [...text.matchAll(SOURCE)]
  let largest = { length: 0, source: undefined }
  for (const [index, { 1: source, index: from }] of starts.entries()) {
    const length = (starts[index + 1]?.index ?? text.length) - from
    if (length > largest.length) largest = { length, source }
  }
  return largest.source
}
