import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')

function complaints(overrides: ts.CompilerOptions): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram([join(here, 'types.fixture.ts')], { ...options, ...overrides, noEmit: true })
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const { file, start = 0 } = diagnostic
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
    return `${file?.fileName.slice(root.length)}:${line} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`
  })
}

describe('types', () => {
  it('compile with the settings of this project', () => {
    expect(complaints({})).toStrictEqual([])
  })

  it('compile for a consumer with only strict set', () => {
    const { exactOptionalPropertyTypes, ...off } = { exactOptionalPropertyTypes: false, isolatedDeclarations: false }
    expect(complaints({ ...off, exactOptionalPropertyTypes, declaration: false })).toStrictEqual([])
  })
})
