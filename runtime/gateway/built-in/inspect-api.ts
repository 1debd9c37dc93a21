import { type BuiltInApi, method, noParams } from './built-in.ts'

export const INSPECT_API = 'atek.cloud/inspect-api'

/** `atek.cloud/inspect-api` (PROTOCOL), for administrators. */
export function inspectApi({ config }: { config(): Record<string, unknown> }): BuiltInApi {
  return {
    isReady: method('admin', noParams, () => true),
    /** What is handed in holds no secrets; the original gives everything, its tokens included (C51). */
    getConfig: method('admin', noParams, () => config()),
  }
}
