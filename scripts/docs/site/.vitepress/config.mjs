// The site: the README and docs/ as they are, with a menu and a search. It has no text of its own.
//
//   npm run docs:site                                builds it into scripts/docs/site/.vitepress/dist
//   npm run dev --prefix scripts/docs/site           shows it while you write
//   SITE_BASE=/verify/ npm run docs:site             for a site that is not at the root of its host

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { root } from '../../../shared/repository.mjs'
import { menu } from './menu.mjs'
import { repositoryLinks } from './repository-links.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const { name, description, repository } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
const home = repository.url.replace(/^git\+|\.git$/g, '')

/** The anchor of a heading, as GitHub makes it: links are written for both. */
const anchorOf = (title) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/** The pages are outside this folder, and so is what they become. Their imports of Vue are looked for here. */
const vueOfThisFolder = {
  name: 'vue-of-this-folder',
  enforce: 'pre',
  resolveId(id, importer, options) {
    if (!/^vue(?:\/|$)/.test(id) || importer?.startsWith(here)) return null
    if (options.ssr) return { id, external: true }
    return this.resolve(id, `${here}config.mjs`, { ...options, skipSelf: true })
  },
}

export default {
  title: name,
  description,
  lang: 'en',
  base: process.env.SITE_BASE ?? '/',
  srcDir: root,
  srcExclude: ['.*/**', 'bench/**', 'coverage/**', 'examples/**', 'reports/**', 'scripts/**', 'skills/**', 'test/**'],
  rewrites: { 'README.md': 'index.md', 'docs/api/README.md': 'docs/api/index.md' },
  ignoreDeadLinks: false,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: { anchor: { slugify: anchorOf }, config: (markdown) => repositoryLinks(markdown, home) },
  // The largest chunk is the search's index, which is fetched by whoever searches.
  vite: { plugins: [vueOfThisFolder], build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/docs/adapters' },
      { text: 'API reference', link: '/docs/api/' },
    ],
    sidebar: menu(),
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: home }],
  },
}
