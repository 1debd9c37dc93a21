import { LIMITS } from '../contract/limits.ts'

/**
 * Whether JSON is nested more deeply than LIMITS.rpcDepth. Asked before anything is made of it: a few megabytes of
 * brackets keep a parser busy for seconds, during which the host answers nobody, and what comes of them is too deep to
 * be written again (A45). Says nothing about whether it is JSON at all.
 */
export function isTooDeep(json: Uint8Array): boolean {
  const most = LIMITS.rpcDepth
  if (json.length <= most) return false
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const c = json[i]
    if (inString) {
      if (c === BACKSLASH) i++
      else if (c === QUOTE) inString = false
    } else if (c === QUOTE) inString = true
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > most) return true
    } else if (c === 0x5d || c === 0x7d) depth--
  }
  return false
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
