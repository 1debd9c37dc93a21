import { IconBook, IconCode, IconKey, IconRoute, IconRuler2, IconShieldLock } from '@tabler/icons-react'
import apiTokens from '../../../resources/docs/api-tokens.md?raw'
import forwardAuth from '../../../resources/docs/forward-auth.md?raw'
import limits from '../../../resources/docs/limits.md?raw'
import protocol from '../../../resources/docs/protocol.md?raw'
import security from '../../../resources/docs/security.md?raw'
import writingApps from '../../../resources/docs/writing-apps.md?raw'

/** What ships to be read: the files of resources/docs, built into the panel. */
export const DOCS = [
  { page: 'writing-apps', label: 'Writing apps', icon: IconCode, text: writingApps },
  { page: 'protocol', label: 'The protocol', icon: IconBook, text: protocol },
  { page: 'api-tokens', label: 'API tokens', icon: IconKey, text: apiTokens },
  { page: 'forward-auth', label: 'Other proxies', icon: IconRoute, text: forwardAuth },
  { page: 'security', label: 'Security', icon: IconShieldLock, text: security },
  { page: 'limits', label: 'Limits', icon: IconRuler2, text: limits },
] as const

export type DocPage = (typeof DOCS)[number]['page']

/** Where a document is in the panel. */
export function docPath(page: DocPage): string {
  return `/docs/${page}`
}
