import 'uplot/dist/uPlot.min.css'
import { Title, useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useEffect, useId, useRef, useState } from 'react'
import uPlot from 'uplot'
import { visible } from '../../../format/text.ts'
import { clockTime, exactTime } from '../../../format/time.ts'
import classes from './charts.module.css'
import { axisSteps } from './series.ts'

export interface ChartLine {
  name: string
  colour: string
  values: readonly (number | null)[]
  dashed?: boolean
}

interface TimeChartProps {
  title: string
  /** Seconds since 1970. */
  times: readonly number[]
  lines: readonly ChartLine[]
  format(value: number): string
  height: number
  /** In a word or two, for who does not see it. */
  summary: string
  /** Charts with the same word move their cursors together. */
  group: string
}

interface Hover {
  index: number
  left: number
}

/** Lines over time, with the values under the pointer beside them. */
export function TimeChart(props: TimeChartProps) {
  const { title, times, lines, format, height, summary, group } = props
  const scheme = useComputedColorScheme('light')
  const { ref, width } = useElementSize()
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const [hover, setHover] = useState<Hover | null>(null)
  const id = useId()
  const look = JSON.stringify(lines.map(({ name, colour, dashed }) => [name, colour, dashed]))
  const data = useRef<uPlot.AlignedData>([[]])
  data.current = [[...times], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData

  // A chart is made once for its lines and colours; numbers and width change in the one that is there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `look` stands for the lines, `scheme` for the colours of the theme.
  useEffect(() => {
    const box = host.current
    if (box === null) return
    const style = getComputedStyle(box)
    const grid = { stroke: style.getPropertyValue('--atek-line'), width: 1 }
    const axis = {
      stroke: style.getPropertyValue('--mantine-color-dimmed'),
      font: `11px ${style.fontFamily}`,
      grid,
      ticks: { show: false },
    }
    const made = new uPlot(
      {
        width: Math.max(1, box.clientWidth),
        height,
        legend: { show: false },
        cursor: { sync: { key: group }, y: false, points: { size: 6 } },
        scales: { x: { time: true }, y: { range: (_chart, _least, most) => [0, most > 0 ? most * 1.1 : 1] } },
        axes: [
          { ...axis, space: 70, size: 26, values: timeTicks },
          {
            ...axis,
            space: 28,
            size: 64,
            incrs: (_chart, _axis, _least, most) => axisSteps(most),
            values: (_chart, ticks) => ticks.map((tick) => format(tick)),
          },
        ],
        series: [
          {},
          ...lines.map(({ colour, dashed }) => ({
            stroke: colour,
            width: 1.5,
            spanGaps: false,
            ...(dashed === true && { dash: [4, 3] }),
            points: { show: true, size: 4, fill: colour, stroke: colour, filter: alone },
          })),
        ],
        hooks: {
          setCursor: [
            ({ cursor }) => {
              const { idx, left } = cursor
              setHover(idx === null || idx === undefined || (left ?? -1) < 0 ? null : { index: idx, left: left ?? 0 })
            },
          ],
        },
      },
      data.current,
      box,
    )
    chart.current = made
    return () => {
      chart.current = null
      made.destroy()
    }
  }, [look, scheme, height, group])

  useEffect(() => {
    if (width > 0) chart.current?.setSize({ width, height })
  }, [width, height])
  // biome-ignore lint/correctness/useExhaustiveDependencies: new numbers are what it waits for.
  useEffect(() => chart.current?.setData(data.current), [times, lines])

  return (
    <figure className={classes.chart} aria-labelledby={id}>
      <Title order={3} id={id} mb={4}>
        {title}
      </Title>
      <div ref={ref} className={classes.plot}>
        <div ref={host} role="img" aria-label={`${title}. ${summary}`} />
        {hover !== null && <Values {...props} hover={hover} width={width} />}
      </div>
    </figure>
  )
}

/** "14:05", or the day where a tick is a day. */
function timeTicks(_chart: uPlot, ticks: number[], _axis: number, _space: number, step: number): string[] {
  return ticks.map((tick) =>
    step >= 86_400
      ? new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(tick * 1000)
      : clockTime(tick * 1000).slice(0, 5),
  )
}

/** A value with none before and none after it is no line; it is drawn as a point. */
function alone(chart: uPlot, line: number): number[] {
  const values = Array.from(chart.data[line] ?? [])
  const there = (index: number) => (values[index] ?? null) !== null
  return values.flatMap((_value, index) => (there(index) && !there(index - 1) && !there(index + 1) ? [index] : []))
}

function Values(props: TimeChartProps & { hover: Hover; width: number }) {
  const { times, lines, format, hover, width } = props
  const at = times[hover.index]
  if (at === undefined) return null
  // Beside the pointer, on the side where there is room.
  const side = hover.left + 58 < width / 2 ? { left: hover.left + 74 } : { right: width - hover.left - 44 }
  return (
    <div className={classes.tip} style={side}>
      <div className={classes.tipTime}>{exactTime(at * 1000)}</div>
      {lines.map((line) => {
        const value = line.values[hover.index] ?? null
        return (
          <div key={line.name} className={classes.tipLine}>
            <i style={{ background: line.colour }} data-dashed={line.dashed || undefined} />
            <bdi>{visible(line.name)}</bdi>
            <b>{value === null ? '–' : format(value)}</b>
          </div>
        )
      })}
    </div>
  )
}
