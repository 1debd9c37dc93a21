import { MutationCache, QueryClient } from '@tanstack/react-query'
import { toCallError } from '../api.ts'
import { notifyError } from '../components/notify.tsx'

/**
 * Data that is asked for. Nothing goes stale by itself: the main process announces changes, and `events.ts` marks
 * what they touch.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: Number.POSITIVE_INFINITY, retry: false, refetchOnWindowFocus: false, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
  mutationCache: new MutationCache({
    onError: (error, _variables, _result, mutation) => {
      // A form shows its own errors beside the fields.
      if (mutation.meta?.inline !== true) notifyError(toCallError(error))
    },
  }),
})

/** Keys of the query cache, in one place so that events can mark them. */
export const QUERY = {
  app: (key: string) => ['app', key],
  serviceKey: (key: string) => ['service-key', key],
  examples: ['examples'],
  request: (seq: number) => ['request', seq],
  secrets: (seq: number) => ['secrets', seq],
  body: (seq: number, side: string) => ['body', seq, side],
  chain: (seq: number) => ['chain', seq],
  capture: ['capture'],
  stats: (range: string, appKey: string | null) => ['traffic-stats', range, appKey],
  graph: (range: string) => ['traffic-graph', range],
  trafficCounts: ['traffic-counts'],
  savedFilters: ['saved-filters'],
  users: ['users'],
  userSessions: (key: string) => ['user-sessions', key],
  mySessions: ['my-sessions'],
  myTokens: ['my-tokens'],
  mainApp: ['main-app'],
  audit: ['audit'],
  settings: ['settings'],
  preferences: ['preferences'],
} as const
