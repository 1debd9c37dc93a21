/** Close codes of WebSockets that the host sends (RFC 6455, 7.4; from 4000 on they are for applications). */
export const CLOSE = {
  /** The app stopped, was removed, or is not the caller's any more; the host is stopping. */
  GOING_AWAY: 1001,
  PROTOCOL_ERROR: 1002,
  TOO_BIG: 1009,
  /** The session that it was opened under has ended (C09, C10). */
  SESSION_OVER: 4401,
} as const

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE]
