// Turns the sources into pages of Markdown with typedoc.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, Converter, ReflectionKind, TypeScript as ts } from 'typedoc'
import { root } from '../../shared/repository.mjs'

const { name: library } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Types that public ones are made of, and that nobody has to name. */
const NOT_EXPORTED = [
  // What a scheme is made of inside: `defineScheme` takes words for them.
  'BodyFields',
  'CheckedParts',
  'ContentWriter',
  'Proof',
  'TimestampForm',
  // They follow from what the user passes.
  'DecimalSchemaProps',
  'FieldUnits',
  'OptionalNames',
  'PoliciesByName',
  // A frozen table, whose type is written by TypeScript.
  'status',
  // The library calls this with them, never a user.
  'NodeRedisSetOptions',
  'RefusedRequest',
]

/**
 * Writes a page for each entry.
 *
 * @param {string} out An empty folder.
 * @returns {Promise<{ page: string, title: string, about: string }[]>} The entries, each with the first sentence about it.
 * @throws {Error} If typedoc has a warning or an error.
 */
export async function convert(out) {
  const entries = readEntries()
  const titles = new Map(entries.map(({ page, title }) => [page, title]))
  const app = await Application.bootstrapWithPlugins({
    plugin: [fileURLToPath(import.meta.resolve('typedoc-plugin-markdown'))],
    entryPoints: entries.map(({ source }) => source),
    tsconfig: join(root, 'tsconfig.json'),
    basePath: root,
    name: library,
    readme: 'none',
    // A line number would change with every edit.
    disableSources: true,
    excludeInternal: true,
    excludeExternals: true,
    sortEntryPoints: false,
    validation: { notExported: true, invalidLink: true, rewrittenLink: true },
    intentionallyNotExported: NOT_EXPORTED,
    outputs: [{ name: 'markdown', path: out }],
    router: 'module',
    entryFileName: 'README',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    // Renderers do not agree on the anchors of headings.
    useHTMLAnchors: true,
    useCodeBlocks: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    propertyMembersFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: { hideModifiers: true, hideInherited: true, hideOverrides: true },
    groupOrder: ['Functions', 'Variables', 'Classes', 'Interfaces', 'Type Aliases', '*'],
    pageTitleTemplates: { module: ({ name }) => titles.get(name) },
    logLevel: 'Warn',
  })
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, showNames)
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const [index, module] of context.project.children.entries()) module.name = entries[index].page
    showThrown(context)
  })
  const project = await app.convert()
  if (project) {
    app.validate(project)
    demandWords(project, app.logger)
    await app.generateOutputs(project)
  }
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('typedoc has something to say: see above.')
  return entries.map(({ page, title }, index) => ({ page, title, about: aboutOf(project.children[index]) }))
}

/** The first sentence of an entry's docstring, on one line. */
function aboutOf({ comment }) {
  const text = comment?.summary.map((part) => part.text).join('') ?? ''
  return text.replaceAll(/\s+/g, ' ').replace(/(?<=\.) .*/, '')
}

/** The entries of tsup.config.ts. What several give is described at the first of them, so the root, which repeats others, comes last. */
function readEntries() {
  const text = readFileSync(join(root, 'tsup.config.ts'), 'utf8')
  const all = Array.from(text.matchAll(/^ {4}'?([\w/]+)'?: '(src\/.+?)'/gm), ([, path, source]) => ({
    path,
    page: path.replaceAll('/', '-'),
    title: `${library}/${path}`,
    source: join(root, source),
  })).filter(({ path }) => path !== 'cli')
  const find = (wanted) => all.find(({ path }) => path === wanted)
  const others = all.filter(({ path }) => path !== 'index' && path !== 'webhook')
  return [find('webhook'), ...others, { ...find('index'), page: 'verify', title: library }]
}

/** `keyof typeof table`, or a check of names by the compiler, says little to a reader, so such a type becomes the names. */
function showNames(context, reflection) {
  if (reflection.kind !== ReflectionKind.TypeAlias) return
  const declaration = context.getSymbolFromReflection(reflection)?.declarations?.find(ts.isTypeAliasDeclaration)
  if (declaration && /\bkeyof typeof\b|^CodesAmong</.test(declaration.type.getText())) {
    reflection.comment?.modifierTags.add('@useDeclaredType')
  }
}

/** typedoc leaves out which class is thrown: the one in braces after `@throws`. */
function showThrown(context) {
  const classes = new Map(
    context.project.getReflectionsByKind(ReflectionKind.Class).map((reflection) => [reflection.name, reflection]),
  )
  for (const reflection of Object.values(context.project.reflections)) {
    const tags = reflection.comment?.blockTags.filter(({ tag }) => tag === '@throws') ?? []
    if (tags.length === 0) continue
    const declared = reflection.isSignature() ? reflection.parent : reflection
    const [declaration] = context.getSymbolFromReflection(declared)?.declarations ?? []
    const thrown = declaration ? ts.getJSDocTags(declaration).filter(ts.isJSDocThrowsTag) : []
    for (const [index, { content }] of tags.entries()) {
      const name = thrown[index]?.typeExpression?.type.getText()
      if (!name) continue
      const target = classes.get(name)
      const shown = target
        ? { kind: 'inline-tag', tag: '@link', text: name, target }
        : { kind: 'code', text: `\`${name}\`` }
      content.unshift(shown, { kind: 'text', text: ': ' })
    }
  }
}

/** Every entry and every public name has words, and every form of a function. Of members, only options must have them: options.mjs sees to that. */
function demandWords(project, logger) {
  for (const { name, comment, children } of project.children) {
    if (!comment) logger.warn(`${name} has no words`)
    for (const child of children) {
      const isSilent = child.signatures?.some((signature) => !signature.hasComment()) ?? !child.hasComment()
      if (isSilent && !child.isReference()) logger.warn(`${name}: ${child.name} has no words`)
    }
  }
}
