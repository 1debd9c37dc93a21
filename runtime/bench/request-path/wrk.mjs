/** Runs wrk and reads what it says. */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * @typedef {object} Load
 * @property {import('./contestants/types.ts').Target} target
 * @property {number} connections
 * @property {string} path
 * @property {string} [method]
 * @property {Record<string, string>} [headers]
 * @property {string[]} cookies They take turns when there are several; an empty one is left out.
 * @property {string} [body] A Lua expression.
 */

/** @typedef {{ requests: number, perSecond: number, p50: number, p99: number, errors: number }} Figures Latencies in milliseconds. */

/** @param {Load} load */
function script({ target, path, method = 'GET', headers = {}, cookies, body }) {
  const lines = [`wrk.method = "${method}"`, `wrk.headers["Host"] = "${target.host}"`]
  for (const [name, value] of Object.entries(headers)) lines.push(`wrk.headers["${name}"] = "${value}"`)
  if (body !== undefined) lines.push(`wrk.body = ${body}`)
  // Made once and not for each request: Lua must not be what is measured.
  lines.push(
    'local made = {}',
    'local at = 0',
    'function init(args)',
    `  for _, cookie in ipairs({${cookies.map((cookie) => `"${cookie}"`).join(',')}}) do`,
    '    wrk.headers["Cookie"] = cookie ~= "" and cookie or nil',
    `    made[#made + 1] = wrk.format(nil, "${path}")`,
    '  end',
    'end',
  )
  if (cookies.length === 1) lines.push('function request() return made[1] end')
  else lines.push('function request()', '  at = at % #made + 1', '  return made[at]', 'end')
  lines.push(
    'function done(summary, latency, requests)',
    '  local e = summary.errors',
    '  io.write(string.format("FIGURES %d %d %f %f %d %d\\n", summary.requests, summary.duration,',
    '    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.timeout, e.status))',
    'end',
  )
  return `${lines.join('\n')}\n`
}

/**
 * @param {Load} load @param {number} seconds @param {string} folder
 * @param {boolean} [someRefused] Answers of 400 and up are part of the workload.
 * @returns {Promise<Figures>}
 */
export async function runWrk(load, seconds, folder, someRefused = false) {
  const file = join(folder, 'load.lua')
  await writeFile(file, script(load))
  const url = `http://127.0.0.1:${load.target.port}${load.path}`
  const args = ['-t', '1', '-c', String(load.connections), '-d', `${seconds}s`, '--timeout', '10s', '-s', file, url]
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (piece) => {
    text += piece
  })
  await new Promise((done, fail) => child.on('error', fail).on('close', done))
  const found = /FIGURES (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+) (\d+)/.exec(text)
  if (found === null) throw new Error(`wrk said:\n${text}`)
  const [requests = 0, duration = 0, p50 = 0, p99 = 0, errors = 0, refused = 0] = found.slice(1).map(Number)
  return {
    requests,
    perSecond: requests / (duration / 1e6),
    p50: p50 / 1000,
    p99: p99 / 1000,
    errors: errors + (someRefused ? 0 : refused),
  }
}
