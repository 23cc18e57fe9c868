// docs/runbook.md has a heading for every code that the library gives, so that a code from a log leads to what to do about it. The codes are
// read from the types: whoever adds one has to say what it means.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(`${root}docs/runbook.md`, 'utf8')

/** Lists of codes that are explained elsewhere, or are parts of others. */
const ELSEWHERE: Record<string, string> = {
  VerificationCode: 'some of WebhookCode',
  TamperedCode: 'some of WebhookCode',
  ReorgConflictCode: 'some of ReorgCode',
  DecimalReason: 'docs/decimal.md, by code',
  FormatReason: 'some of DecimalReason',
  StrKeyReason: 'docs/stellar.md',
  TomlProblemCode: 'docs/stellar.md',
  ExitCode: 'docs/cli.md',
}

/** Every exported type named …Code, …Reason or …Problem, with its members. */
function codeTypes(): Map<string, string[]> {
  const files = ts.sys.readDirectory(`${root}src`, ['.ts'])
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    types: ['node'],
  })
  const checker = program.getTypeChecker()
  const found = new Map<string, string[]>()
  for (const file of program.getSourceFiles().filter(({ fileName }) => files.includes(fileName))) {
    for (const statement of file.statements) {
      if (!ts.isTypeAliasDeclaration(statement) || statement.typeParameters) continue
      if (!/(?:Code|Reason|Problem)$/.test(statement.name.text)) continue
      if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue
      found.set(statement.name.text, literalsOf(checker.getTypeAtLocation(statement)))
    }
  }
  return found
}

function literalsOf(type: ts.Type): string[] {
  const members = type.isUnion() ? type.types : [type]
  return members.flatMap((member) => (member.isStringLiteral() ? [member.value] : []))
}

const types = codeTypes()
const expected = new Map([...types].filter(([name]) => ELSEWHERE[name] === undefined))

interface Section {
  readonly code: string
  readonly text: string
}

const sections: Section[] = [...page.matchAll(/^### `(\w+)`\n([\s\S]*?)(?=^##|$(?![\s\S]))/gm)].map(
  ([, code = '', text = '']) => ({ code, text: text.trim() }),
)

describe('docs/runbook.md', () => {
  it('is held against all the codes that there are', () => {
    expect([...expected.keys()].sort()).toEqual(
      expect.arrayContaining([
        'AttemptReason',
        'DecimalErrorCode',
        'FindingCode',
        'ReceiveProblem',
        'ReorgCode',
        'WebhookCode',
      ]),
    )
    expect(new Set([...expected.values()].flat()).size).toBeGreaterThan(120)
    for (const [name, members] of expected) expect(members, name).not.toEqual([])
  })

  it('has a heading for every code, no other, and none twice', () => {
    const codes = new Set([...expected.values()].flat())
    expect(sections.map(({ code }) => code).sort()).toEqual([...codes].sort())
  })

  it('has no two headings with the same anchor', () => {
    const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase())
    expect(anchors.filter((anchor, at) => anchors.indexOf(anchor) !== at)).toEqual([])
  })

  it.each(sections)('$code: says what it means, where to look, and what to tell the other side', ({ text }) => {
    expect(text).toMatch(
      /^- \*\*Means\*\*: \S[\s\S]+?\n- \*\*Look at\*\*: \S[\s\S]+?\n- \*\*Tell the (?:sender|owner|client|provider)\*\*: \S[\s\S]+$/,
    )
    expect(text).not.toContain('\n\n')
  })

  it('is given to coding agents as it is here', () => {
    execFileSync(process.execPath, ['scripts/docs/skill.mjs', '--check'], { cwd: root })
    const skill = readFileSync(`${root}skills/webhook-runbook/SKILL.md`, 'utf8')
    for (const { code } of sections) expect(skill).toContain(`\n| \`${code}\` | `)
    expect(skill).not.toMatch(/\]\(/) // a link would lead nowhere
  })
})
