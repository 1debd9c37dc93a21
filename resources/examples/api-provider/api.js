/** The API's name, as atek.json exports it, and its methods. */
export const API = {
  id: 'atek-examples/greeter',
  path: '/api',
  methods: [
    { name: 'greet(name)', text: 'A greeting for somebody, fit for the time of day.' },
    { name: 'whoCalls()', text: 'The two headers by which this app knows its caller.' },
  ],
}

function greeting(hour) {
  if (hour < 5) return 'Good night'
  if (hour < 12) return 'Good morning'
  return hour < 18 ? 'Good afternoon' : 'Good evening'
}

const methods = {
  greet(_caller, name) {
    if (typeof name !== 'string' || name.trim() === '') throw new RangeError('greet needs a name.')
    return `${greeting(new Date().getHours())}, ${name.trim().slice(0, 100)}.`
  },
  whoCalls: ({ user, service }) => ({ user, service }),
}

/** Answers one JSON-RPC 2.0 request: https://www.jsonrpc.org/specification */
export function handle(rpc, caller) {
  const id = rpc?.id ?? null
  const failed = (code, message) => ({ jsonrpc: '2.0', id, error: { code, message } })
  if (rpc?.jsonrpc !== '2.0' || typeof rpc.method !== 'string') return failed(-32600, 'This is not a JSON-RPC request.')
  if (!Object.hasOwn(methods, rpc.method)) return failed(-32601, `There is no method ${rpc.method}.`)
  const params = Array.isArray(rpc.params) ? rpc.params : []
  try {
    return { jsonrpc: '2.0', id, result: methods[rpc.method](caller, ...params) }
  } catch (error) {
    return failed(-32602, error instanceof RangeError ? error.message : 'This did not work.')
  }
}
