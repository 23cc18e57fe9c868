// The workflows are safe to run, and run what exists: pinned actions, least rights, scripts and runtimes that are there, and a jsr.json in step
// with package.json.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { subpaths } from '../subpaths.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const readJson = (path: string): Record<string, Record<string, string>> => JSON.parse(read(path))

const workflows = readdirSync('.github/workflows').map((file) => ({ file, text: read(`.github/workflows/${file}`) }))
const ci = read('.github/workflows/ci.yml')
const release = read('.github/workflows/release.yml')
const site = read('.github/workflows/site.yml')

/** The text of each job, by its name. */
function jobsOf(workflow: string): Map<string, string> {
  const [, jobs = ''] = workflow.split(/^jobs:\n/m)
  return new Map(jobs.split(/^(?= {2}[a-z]+:$)/m).map((job) => [/^ {2}([a-z]+):/.exec(job)?.[1] ?? '', job]))
}

describe.each(workflows)('$file', ({ text }) => {
  it('pins every action to a commit, and says its version', () => {
    const uses = [...text.matchAll(/uses: *(.*)$/gm)].map(([, action = '']) => action)
    expect(uses.length).toBeGreaterThan(0)
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('has no right but those that a job asks for', () => {
    expect(text).toMatch(/^permissions: \{\}$/m)
    for (const [name, job] of jobsOf(text)) expect(job, name).toMatch(/^ {4}permissions:/m)
    for (const [, right = ''] of text.matchAll(/^ {6}([a-z-]+: (?:read|write))$/gm))
      expect(['contents: read', 'id-token: write', 'pages: write']).toContain(right)
  })

  it('keeps no credentials, and puts nothing that others wrote into a script', () => {
    for (const [, step = ''] of text.matchAll(/uses: actions\/checkout(.*\n.*\n.*)/g))
      expect(step).toContain('persist-credentials: false')
    for (const [line] of text.matchAll(/^ *(?:- )?run: .*$/gm)) expect(line).not.toContain('${{')
  })

  it('runs only what exists', () => {
    const { scripts = {} } = readJson('package.json')
    for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g)) expect(Object.keys(scripts)).toContain(script)
    const files = [...text.matchAll(/(?:node|bash|--prefix) ((?:scripts|test|\.ci)\/[\w./-]+)/g)]
    expect(files.length).toBeGreaterThan(0)
    for (const [, file = ''] of files) expect(existsSync(file), file).toBe(true)
  })
})

describe('ci.yml', () => {
  it('runs every runtime and every version of TypeScript', () => {
    const runtimes = Object.keys(readJson('test/runtimes/package.json').dependencies ?? {})
    const listed = /runtime: \[(.*)\]/.exec(ci)?.[1]?.split(', ')
    // Chromium is the system's own, and .ci/run has its tests.
    expect(listed?.sort()).toEqual(runtimes.filter((name) => name !== 'playwright-core').sort())
    const versions = Object.keys(readJson('test/types/package.json').dependencies ?? {})
    const quoted = /typescript: \[(.*)\]/.exec(ci)?.[1]?.replaceAll('"', '').split(', ')
    expect(quoted?.map((version) => `typescript${version}`)).toEqual(versions)
  })

  it('asks for every job in the last one', () => {
    const [last, ...others] = [...jobsOf(ci).keys()].reverse()
    expect(jobsOf(ci).get(last as string)).toContain(`needs: [${others.reverse().join(', ')}]`)
  })
})

describe('release.yml', () => {
  it('publishes in a job that has the one right and runs none of the project', () => {
    const jobs = jobsOf(release)
    expect([...jobs].filter(([, job]) => job.includes('id-token: write')).map(([name]) => name)).toEqual(['publish'])
    expect(jobs.get('publish')).not.toMatch(/checkout|npm (?:ci|install|run)/)
    expect(jobs.get('publish')).toMatch(/needs: pack/)
    expect(jobs.get('pack')).not.toContain('npm publish')
  })
})

describe('site.yml', () => {
  const jobs = jobsOf(site)

  it('publishes main and nothing else', () => {
    expect(/^on:\n([\s\S]*?)\n\n/m.exec(site)?.[1]).toBe('  push:\n    branches: [main]')
  })

  it('publishes in a job that has the rights and runs none of the project', () => {
    const writing = [...jobs].filter(([, job]) => job.includes(': write'))
    expect(writing.map(([name]) => name)).toEqual(['publish'])
    expect(jobs.get('publish')).not.toMatch(/checkout|run:/)
    expect(jobs.get('publish')).toMatch(/needs: build/)
    for (const { file, text } of workflows) expect(text.includes('pages: write'), file).toBe(file === 'site.yml')
  })

  it('builds for the address of the repository, and takes what VitePress wrote', () => {
    expect(jobs.get('build')).toMatch(/SITE_BASE: \/\$\{\{ github\.event\.repository\.name \}\}\/ /)
    const config = read('scripts/docs/site/.vitepress/config.mjs')
    expect(config).toContain("base: process.env.SITE_BASE ?? '/'")
    const [, folder] = /builds it into (\S+)/.exec(config) ?? []
    expect(jobs.get('build')).toContain(`path: ${folder}\n`)
  })
})

describe('jsr.json', () => {
  it('has the name and version of package.json, and the same sources for its entries', () => {
    const { name, version, exports } = readJson('jsr.json')
    expect({ name, version }).toEqual((({ name, version }) => ({ name, version }))(readJson('package.json')))
    for (const [entry, source] of Object.entries(exports ?? {}))
      expect(source, entry).toBe(`./${subpaths[entry === '.' ? 'index' : entry.slice(2)]}`)
  })
})
