// A registry on this machine that has one package: the library as it is packed here. So `npm install`, `bun add` and `deno add` run as the docs
// print them, before anything is published.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { pack } from '../../shared/consumer.mjs'
import { root } from '../../shared/repository.mjs'

/** Packs the library into `folder` and serves it. Needs a build. */
export async function startRegistry(folder) {
  const { tarball, integrity, shasum } = pack(folder)
  const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  const { name, version } = manifest
  const server = createServer((request, response) => {
    const base = `http://${request.headers.host}`
    const path = decodeURIComponent(request.url.slice(1))
    if (path === 'package.tgz') return response.end(readFileSync(tarball))
    if (path !== name) return response.writeHead(404).end('{}')
    const dist = { tarball: `${base}/package.tgz`, integrity, shasum }
    const document = { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(document))
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const scope = name.slice(0, name.indexOf('/'))
  return {
    npmrc: `${scope}:registry=http://127.0.0.1:${server.address().port}/\n`,
    close: () => server.close(),
  }
}
