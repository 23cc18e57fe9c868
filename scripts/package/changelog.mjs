// How long one version's part of the changelog is.

/**
 * @param {string} changelog
 * @param {string} version
 * @returns {{ notes: number, lines: number }} Its notes, without what is listed inside them, and its lines that have text. No lines: it is not there.
 */
export function measureChangelog(changelog, version) {
  const [, part = ''] = changelog.split(`\n## ${version}\n`)
  const lines = part
    .split(/^## /m)[0]
    .split('\n')
    .filter((line) => line.trim() !== '')
  return { notes: lines.filter((line) => line.startsWith('- ')).length, lines: lines.length }
}
