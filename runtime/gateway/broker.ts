import type { AppExport } from '../contract/manifest.ts'

/** An installed app that exports the API that is looked for. */
export interface Candidate {
  key: string
  id: string
  /** A user key, or `system`. */
  owner: string
  export: AppExport
  /** It runs, or a call may start it. */
  available: boolean
}

export type Choice =
  | { kind: 'provider'; provider: Candidate }
  /** Nobody whom this caller may use offers it. `reason` is for the record only. */
  | { kind: 'none'; reason: string }
  /** Offered, but only by apps that are stopped. */
  | { kind: 'stopped'; provider: Candidate }
  /** Several fit equally well; none is named where they are other people's. */
  | { kind: 'ambiguous'; ids: string[] }

/**
 * Who provides an API: an app of the caller's own user before one of everybody's (`system`), so that a person can
 * replace a shared app for themselves and for nobody else. Apps of other users are never asked: a call would hand the
 * caller's data to them, and theirs to the caller (A07). Two that fit equally well are an error and not a guess, and so
 * is an API that only other users' apps provide.
 *
 * @param candidates every installed app that exports the API
 * @param user whom the call is made for: a user key, or `system`
 */
export function chooseProvider(candidates: Candidate[], user: string, transport: AppExport['transport']): Choice {
  const speaking = firstOfEachApp(candidates.filter((candidate) => candidate.export.transport === transport))
  const own = speaking.filter(({ owner }) => owner === user)
  const shared = speaking.filter(({ owner }) => owner === 'system' && owner !== user)
  for (const group of [own, shared]) {
    const [first, ...others] = group.filter(({ available }) => available)
    if (first === undefined) continue
    if (others.length === 0) return { kind: 'provider', provider: first }
    return { kind: 'ambiguous', ids: [first, ...others].map(({ id }) => id).sort() }
  }
  const stopped = own[0] ?? shared[0]
  if (stopped !== undefined) return { kind: 'stopped', provider: stopped }
  // Whose of them should answer is nobody's to guess, and which there are is not the caller's to know.
  if (speaking.length > 0) return { kind: 'ambiguous', ids: [] }
  if (candidates.length > 0) {
    return { kind: 'none', reason: `This API is provided, but not over the transport "${transport}".` }
  }
  return { kind: 'none', reason: 'No installed app provides this API.' }
}

/** An app that exports the same API twice has it once: at the first path in its manifest. */
function firstOfEachApp(candidates: Candidate[]): Candidate[] {
  const seen = new Set<string>()
  return candidates.filter(({ key }) => !seen.has(key) && seen.add(key))
}
