// The pages link to each other and to files by paths of the repository. On the site a page is a page; any other file is shown by the repository.

import { statSync } from 'node:fs'
import { posix } from 'node:path'
import { root } from '../../../shared/repository.mjs'

/** Folders whose Markdown is on the site; from the root, only what is beside the README. */
const ON_SITE = /^(?:docs\/(?:api\/)?)?[^/]+\.md$/

/**
 * @param markdown VitePress's markdown-it.
 * @param {string} home The repository's address.
 */
export function repositoryLinks(markdown, home) {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    const page = env.relativePath
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type === 'link_open') token.attrSet('href', linkFrom(page, token.attrGet('href'), home))
    }
  })
}

function linkFrom(page, link, home) {
  const [path, hash] = link.split('#')
  if (path === '' || /^[a-z]+:/.test(path)) return link
  const file = posix.join(posix.dirname(page), path)
  const anchor = hash === undefined ? '' : `#${hash}`
  if (ON_SITE.test(file)) return `/${file.replace(/README\.md$/, 'index.md')}${anchor}`
  const found = statSync(root + file, { throwIfNoEntry: false })
  // What does not exist stays as it is, so that VitePress reports it.
  if (!found) return link
  return `${home}/${found.isDirectory() ? 'tree' : 'blob'}/main/${file}${anchor}`
}
