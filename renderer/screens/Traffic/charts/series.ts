import type { TrafficSeries, TrafficStats } from '../../../../runtime/contract/traffic.ts'

/** More lines than this cannot be told apart. */
export const MOST_LINES = 8

/** Lines that can be told apart without seeing every colour, on light and on dark, each 3:1 at least (WCAG 1.4.11). */
export const LINE_COLOURS = {
  light: ['#3553d6', '#c2410c', '#0f766e', '#a21caf', '#4d7c0f', '#b91c1c', '#0369a1', '#854d0e'],
  dark: ['#91a7ff', '#ffa94d', '#3bc9a8', '#e599f7', '#a9e34b', '#ff8787', '#66c7ff', '#e0b34d'],
} as const

/** What one app's numbers come to over the whole time. */
export interface AppSummaryLine {
  appKey: string
  appId: string
  requests: number
  errors: number
  perSecond: number
  peak: number
  p50: number | null
  p99: number | null
}

/** The busiest apps first, at most MOST_LINES. */
export function busiest(stats: TrafficStats): TrafficSeries[] {
  return [...stats.apps].sort((a, b) => sum(b.requestsPerSecond) - sum(a.requestsPerSecond)).slice(0, MOST_LINES)
}

export function summarise(series: TrafficSeries, spanMs: number): AppSummaryLine {
  const seconds = spanMs / 1000
  const { length } = series.requestsPerSecond
  return {
    appKey: series.appKey,
    appId: series.appId,
    requests: Math.round(sum(series.requestsPerSecond) * seconds),
    errors: Math.round(sum(series.errorsPerSecond) * seconds),
    perSecond: length === 0 ? 0 : sum(series.requestsPerSecond) / length,
    peak: Math.max(0, ...series.requestsPerSecond),
    p50: median(series.p50),
    p99: highest(series.p99),
  }
}

/** Times as uPlot wants them: seconds, each at its span's beginning. */
export function times(stats: TrafficStats): number[] {
  return Array.from({ length: stats.spans }, (_, index) => (stats.from + index * stats.spanMs) / 1000)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null).sort((a, b) => a - b)
}

function median(values: readonly (number | null)[]): number | null {
  const sorted = known(values)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}

function highest(values: readonly (number | null)[]): number | null {
  return known(values).at(-1) ?? null
}

const STEPS = Array.from({ length: 20 }, (_, power) => [1, 2, 5].map((step) => Number(`${step}e${power - 6}`))).flat()

/** How far apart the lines of a scale up to `most` may be, so that no two of them are written alike. */
export function axisSteps(most: number): number[] {
  return STEPS.filter((step) => most < 0.1 || step >= 0.1)
}
