import { useCallback } from 'react'
import type { AuthHeaderLine, TrafficDetails } from '../../../../runtime/contract/models.ts'
import type { TrafficSecrets } from '../../../../runtime/contract/traffic.ts'
import { control } from '../../../api.ts'
import { QUERY, queryClient } from '../../../state/queries.ts'
import { HeaderTable } from './HeaderTable.tsx'

const REQUEST = ['Sent by the caller', 'Received by the app'] as const
const ANSWER = ['Sent by the app', 'Received by the caller'] as const

/** Every line of the request and of the answer, before and after the host. */
export function HeadersTab(props: { details: TrafficDetails }) {
  const { details } = props
  const request = useReveal(details.seq, 'requestHeaders')
  const response = useReveal(details.seq, 'responseHeaders')
  const reached = details.timing.forwardedMs !== null
  return (
    <>
      <HeaderTable
        title="Request"
        columns={REQUEST}
        lines={
          details.headerLines.length > 0 ? details.headerLines : plain(details.requestHeaders, reached ? null : 'sent')
        }
        empty="None."
        reveal={details.inMemory ? request : null}
      />
      <HeaderTable
        title="Answer"
        columns={reached ? ANSWER : ['', 'Received by the caller']}
        lines={
          details.answerHeaderLines.length > 0
            ? details.answerHeaderLines
            : plain(details.responseHeaders, reached ? null : 'received')
        }
        empty={details.state === 'open' ? 'Not here yet.' : 'None.'}
        reveal={details.inMemory ? response : null}
      />
    </>
  )
}

/** Headers of which no lines are kept: on one side only where the host answered by itself, else the same on both. */
function plain(headers: [name: string, value: string][], hostOnly: 'sent' | 'received' | null): AuthHeaderLine[] {
  return headers.map(([name, value]) => ({
    name,
    sent: hostOnly === 'received' ? null : value,
    received: hostOnly === 'sent' ? null : value,
    action: 'kept' as const,
    reason: '',
    label: null,
  }))
}

/** Asks for a request's secrets once, and only when a person asks: the host keeps an account of it. */
export function fetchSecrets(seq: number): Promise<TrafficSecrets> {
  return queryClient.fetchQuery({
    queryKey: QUERY.secrets(seq),
    queryFn: () => control('traffic.reveal', { seq }),
    gcTime: 0,
  })
}

export function useReveal(seq: number, side: 'requestHeaders' | 'responseHeaders') {
  return useCallback(
    async (name: string, index: number): Promise<string | null> => {
      const secrets = await fetchSecrets(seq)
      return secrets[side].filter(([header]) => header.toLowerCase() === name)[index]?.[1] ?? null
    },
    [seq, side],
  )
}
