import fs from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import git, { type HttpClient } from 'isomorphic-git'
import semver from 'semver'
import { AppError } from '../../contract/errors.ts'
import { explainFetchError } from '../fetch-error.ts'
import { checkOut, unsafeFile } from './git-checkout.ts'
import { gitHttp } from './git-http.ts'
import type { FetchContext, Fetched } from './source.ts'

const TAGS = 'refs/tags/'

/** The newest tag that is a version in `range`; before 1.0.0-beta comes any finished version. Null when there is none. */
export function newestTag(tags: string[], range: string | null): { tag: string; version: string } | null {
  const versions = new Map<string, string>()
  for (const tag of tags) {
    const version = semver.valid(tag)
    if (version !== null && !versions.has(version)) versions.set(version, tag)
  }
  const all = [...versions.keys()]
  const version =
    semver.maxSatisfying(all, range ?? '*') ??
    (range === null ? semver.maxSatisfying(all, '*', { includePrerelease: true }) : null)
  const tag = version === null ? undefined : versions.get(version)
  return version === null || tag === undefined ? null : { tag, version }
}

/** The newest version of a repository that fits; throws SOURCE_INVALID when there is none, SOURCE_UNREACHABLE. */
export async function latestGit(url: string, range: string | null, context: FetchContext): Promise<string> {
  const http = gitHttp(context.signal)
  try {
    return (await askForNewest(http, url, range)).version
  } catch (error) {
    throw explain(error, new URL(url).host)
  } finally {
    await http.close()
  }
}

async function askForNewest(http: HttpClient, url: string, range: string | null) {
  // Version 1 of the protocol answers in one request and is spoken by every server.
  const refs = await git.listServerRefs({ http, url, protocolVersion: 1 })
  const tags = refs.filter(({ ref }) => ref.startsWith(TAGS)).map(({ ref }) => ref.slice(TAGS.length))
  const newest = newestTag(tags, range)
  if (newest !== null) return newest
  throw new AppError(
    'SOURCE_INVALID',
    range === null
      ? 'This repository has no version: it needs a tag such as v1.0.0. Ask its author to tag one.'
      : `This repository has no version that fits ${range}. Choose another one.`,
  )
}

/** Gets one version of a git repository, without its history. Nothing outside of this process is run (A41). */
export async function fetchGit(url: string, range: string | null, context: FetchContext): Promise<Fetched> {
  const { signal, staging } = context
  const host = new URL(url).host
  const http = gitHttp(signal)
  try {
    context.progress(`Asking ${host} for its versions`)
    const newest = await askForNewest(http, url, range)
    context.progress(`Getting version ${newest.version} from ${host}`)
    const gitdir = join(staging, 'git')
    const folder = join(staging, 'package')
    await git.init({ fs, gitdir, bare: true })
    await git.addRemote({ fs, gitdir, remote: 'origin', url })
    // By its full name: a branch of the same name is something else.
    const ref = `${TAGS}${newest.tag}`
    const { fetchHead } = await git.fetch({ fs, http, gitdir, url, ref, singleBranch: true, depth: 1, tags: false })
    if (fetchHead === null)
      throw new AppError('SOURCE_UNREACHABLE', `${host} did not send the version. Try again later.`)
    signal.throwIfAborted()
    await checkOut(fetchHead, { gitdir, folder, signal })
    await rm(gitdir, { recursive: true, force: true })
    return { folder, sourceUrl: url, sourceType: 'git', desiredVersion: range, version: newest.version, copied: true }
  } catch (error) {
    throw explain(error, host)
  } finally {
    await http.close()
  }
}

function explain(error: unknown, host: string): unknown {
  if (error instanceof git.Errors.HttpError) {
    return error.data.statusCode >= 500
      ? new AppError(
          'SOURCE_UNREACHABLE',
          `${host} has a problem of its own (${error.data.statusCode}). Try again later.`,
        )
      : new AppError('SOURCE_INVALID', `${host} has no public git repository at this address. Check the address.`)
  }
  if (error instanceof git.Errors.SmartHttpError || error instanceof git.Errors.ParseError) {
    return new AppError('SOURCE_INVALID', `What ${host} has at this address is no git repository. Check the address.`)
  }
  if (error instanceof git.Errors.UnsafeFilepathError) return unsafeFile(error.data.filepath)
  const known = explainFetchError(error, host)
  if (known !== null) return known
  // Whatever else isomorphic-git could not read came from outside, and is no fault of ours.
  if (error instanceof Error && 'caller' in error) {
    const message = `Atek cannot read what ${host} sent for this repository. Try again, or ask its author.`
    return new AppError('SOURCE_INVALID', message, undefined, { cause: error })
  }
  return error
}
