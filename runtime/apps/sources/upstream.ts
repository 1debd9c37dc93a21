import { AppError } from '../../contract/errors.ts'
import type { AppPackage } from '../manifest.ts'
import { probe } from '../upstream/probe.ts'
import { leadsToHost, parseUpstream, upstreamSource } from '../upstream/upstream-url.ts'
import type { Fetched } from './source.ts'

/** What is known about the host itself, so that an address of its own is found. */
export interface HostPlace {
  domain: string
  port: number
  authorities: readonly string[] | undefined
}

/** An app that lives elsewhere: nothing is fetched, but it is tried whether something listens there (C23). */
export async function openUpstream(href: string, host: HostPlace, signal: AbortSignal): Promise<Fetched> {
  checkUpstream(href, host)
  const reason = await probe(new URL(href).origin, { authorities: host.authorities, signal })
  return {
    folder: '',
    sourceUrl: upstreamSource(href),
    sourceType: 'upstream',
    desiredVersion: null,
    version: null,
    copied: false,
    warnings: reason === null ? [] : [`It cannot be reached now. ${reason}`],
  }
}

/** Throws SOURCE_INVALID for an address of this host: a request to it would come in again without end. */
export function checkUpstream(href: string, host: HostPlace): void {
  if (!leadsToHost(href, host)) return
  throw new AppError('SOURCE_INVALID', 'This is an address of Atek itself. Write the address of the app behind it.')
}

/** What stands for the package of an app that has none here. */
export function upstreamPackage(sourceUrl: string): AppPackage {
  const { authority } = parseUpstream(sourceUrl)
  return {
    folder: '',
    manifest: {},
    meta: { name: null, author: null, license: null, main: '' },
    mainIsMissing: false,
    version: null,
    title: authority,
    description: '',
    scripts: {},
    dependencies: {},
    optionalDependencies: {},
    devDependencies: {},
  }
}
