// The vectors are what schema.json and docs/vectors.md say, so that a port to another language can rely on them.

import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'

const folder = new URL('./', import.meta.url)
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
const files = readdirSync(folder).filter((file) => file.endsWith('.json') && file !== 'schema.json')
const ajv = new Ajv2020({ allErrors: true, strict: false }).addSchema(read('schema.json') as object, 'vectors')

it.each(files)('%s is as its schema says, and is on the page', (file) => {
  const check = ajv.getSchema(`vectors#/$defs/${file.replace('.json', '')}`)
  expect(check, 'it has no schema').toBeDefined()
  expect(check?.(read(file)), ajv.errorsText(check?.errors)).toBe(true)
  const page = readFileSync(new URL('../../docs/vectors.md', import.meta.url), 'utf8')
  expect(page).toContain(`| [${file}](../test/vectors/${file}) |`)
})
