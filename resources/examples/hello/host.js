/** Calls a method of an API through the host, which finds the app that offers it and says who is calling. */
export async function call(api, method, ...params) {
  const { ATEK_HOST_PORT: port, ATEK_HOST_BEARER_TOKEN: token } = process.env
  const answer = await fetch(`http://localhost:${port}/_atek/gateway?api=${encodeURIComponent(api)}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(10_000),
  })
  const { result, error, message } = await answer.json()
  if (error) throw Object.assign(new Error(error.message ?? message), { code: error.code })
  return result
}

const names = new Map()

/** The name of a user, asked at most once a minute; null when the host does not say. */
export async function userName(key) {
  const known = names.get(key)
  if (known && Date.now() - known.at < 60_000) return known.name
  const name = await call('atek.cloud/users-api', 'get', key).then(
    (user) => user.username,
    () => null,
  )
  if (names.size > 1000) names.clear()
  names.set(key, { name, at: Date.now() })
  return name
}
