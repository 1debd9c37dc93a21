import { expect, test } from 'vitest'
import type { TrafficSeries, TrafficStats } from '../../../../runtime/contract/traffic.ts'
import { busiest, LINE_COLOURS, MOST_LINES, summarise, times } from './series.ts'

const series = (appId: string, requests: number[]): TrafficSeries => ({
  appKey: appId,
  appId,
  requestsPerSecond: requests,
  errorsPerSecond: requests.map((value) => value / 2),
  p50: [null, 2, 4],
  p99: [null, 20, 10],
})
const stats = (apps: TrafficSeries[]): TrafficStats => ({ from: 60_000, spanMs: 10_000, spans: 3, apps })

test('the busiest apps first, no more than can be told apart', () => {
  const many = Array.from({ length: 12 }, (_, index) => series(`a${index}`, [index]))
  expect(busiest(stats(many)).map(({ appId }) => appId)[0]).toBe('a11')
  expect(busiest(stats(many))).toHaveLength(MOST_LINES)
  expect(LINE_COLOURS.light).toHaveLength(MOST_LINES)
  expect(LINE_COLOURS.dark).toHaveLength(MOST_LINES)
})

test('what an app comes to', () => {
  expect(summarise(series('a', [1, 2, 3]), 10_000)).toMatchObject({
    requests: 60,
    errors: 30,
    perSecond: 2,
    peak: 3,
    p50: 4,
    p99: 20,
  })
  expect(summarise({ ...series('a', []), p50: [null], p99: [] }, 10_000)).toMatchObject({
    p50: null,
    p99: null,
    peak: 0,
  })
})

test('a time for each span', () => {
  expect(times(stats([]))).toEqual([60, 70, 80])
})
