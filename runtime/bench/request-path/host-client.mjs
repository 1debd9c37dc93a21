/** What the benchmark asks of a running host: as `system` over its gateway, and as a browser that signs in. */
import { request } from 'node:http'

export const TOKEN = 'ab'.repeat(32)
export const PASSWORD = 'correct horse battery'

/**
 * @param {number} port @param {{ method?: string, host: string, path: string, headers?: Record<string, string>, body?: string }} options
 * @returns {Promise<{ status: number, headers: import('node:http').IncomingHttpHeaders, body: string }>}
 */
export function ask(port, { method = 'GET', host, path, headers = {}, body = '' }) {
  return new Promise((done, fail) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, agent: false, headers: { ...headers, Host: host } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece) => {
          text += piece
        })
        response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      },
    )
    sent.on('error', fail)
    sent.end(body)
  })
}

/** As `system`. @param {number} port @param {string} api @param {string} method @param {unknown[]} params */
export async function call(port, api, method, ...params) {
  const { status, body } = await ask(port, {
    method: 'POST',
    host: `localhost:${port}`,
    path: `/_atek/gateway?api=${encodeURIComponent(api)}`,
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const answer = JSON.parse(body)
  if (status !== 200 || answer.error) throw new Error(`${api} ${method} was answered ${status} ${body}`)
  return answer.result
}

/** @param {number} port @param {string} folder @param {string} id */
export async function installed(port, folder, id) {
  await call(port, 'atek.cloud/services-api', 'install', { sourceUrl: `file://${folder}`, id })
}

/** @param {number} port @param {string} username */
export async function addAdministrator(port, username) {
  await call(port, 'atek.cloud/users-api', 'create', { username, password: PASSWORD, role: 'admin' })
}

/**
 * Signs in on the host's page and opens the apps. @param {number} port @param {string} username @param {string[]} ids
 * @returns {Promise<string[]>} A Cookie header for each app.
 */
export async function signIn(port, username, ids) {
  const origin = `http://atek.localhost:${port}`
  /** @type {Map<string, Map<string, string>>} */
  const jars = new Map()
  /** @param {string} url @param {{ method?: string, body?: string, headers?: Record<string, string> }} [options] */
  const go = async (url, options = {}) => {
    const { host, hostname, pathname, search } = new URL(url)
    const jar = jars.get(hostname) ?? new Map()
    jars.set(hostname, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { Accept: 'text/html', ...(cookie !== '' && { Cookie: cookie }), ...options.headers }
    const answer = await ask(port, { host, path: pathname + search, ...options, headers })
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }
  const body = new URLSearchParams({ username, password: PASSWORD, redirect: '/' }).toString()
  const form = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: origin }
  const signedIn = await go(`${origin}/_atek/login`, { method: 'POST', body, headers: form })
  if (signedIn.status !== 303) throw new Error(`Signing in was answered ${signedIn.status}.`)
  const cookies = []
  for (const id of ids) {
    let url = `http://${id}.localhost:${port}/`
    for (let left = 10; left > 0; left--) {
      const { status, headers } = await go(url)
      if (status < 300 || status >= 400) break
      url = new URL(headers.location ?? '', url).href
    }
    const value = jars.get(`${id}.localhost`)?.get('atek_app')
    if (value === undefined) throw new Error(`There is no session with ${id}.`)
    cookies.push(`atek_app=${value}`)
  }
  return cookies
}
