import { expect, test } from 'vitest'
import type { TrafficSeries, TrafficStats } from '../../../../runtime/contract/traffic.ts'
import { formatDuration, formatRate } from '../../../format/units.ts'
import { axisSteps, busiest, LINE_COLOURS, MOST_LINES, summarise, times } from './series.ts'

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

test.each([formatRate, formatDuration])('no two lines of a scale are written alike: %o', (format) => {
  for (const most of [0.0003, 0.02, 0.11, 0.4, 1, 7, 60, 1500, 61_000]) {
    if (format === formatDuration && most < 0.1) continue
    // As many lines as fit into a chart.
    const step = axisSteps(most).find((one) => most / one <= 8) ?? most
    const labels = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => format(index * step))
    expect(new Set(labels).size, labels.join()).toBe(labels.length)
  }
})
