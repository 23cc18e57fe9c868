// The size of a piece of code in a consumer's bundle: bundled and minified with esbuild, then compressed with brotli at its highest level.

import { brotliCompressSync, constants } from 'node:zlib'
import { build } from 'esbuild'
import { root } from '../shared/repository.mjs'

/**
 * @param {string} code An import of the public name.
 * @param {string} [resolveDir] The folder from which packages are resolved.
 * @returns {Promise<{ minified: number, brotli: number, text: string }>}
 */
export async function weigh(code, resolveDir = root) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir, loader: 'js' },
    logLevel: 'error',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
  })
  const [{ contents, text }] = outputFiles
  const brotli = brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
  return { minified: contents.length, brotli, text }
}
