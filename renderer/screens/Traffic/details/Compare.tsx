import { Loader, Modal, Switch, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Fragment, useState } from 'react'
import type { TrafficDetails } from '../../../../runtime/contract/models.ts'
import { control } from '../../../api.ts'
import { ErrorNotice } from '../../../components/ErrorNotice.tsx'
import { visible } from '../../../format/text.ts'
import { preciseTime } from '../../../format/time.ts'
import { QUERY } from '../../../state/queries.ts'
import classes from './Compare.module.css'
import { CompareBodies } from './CompareBodies.tsx'
import { type Difference, differences } from './differences.ts'

/** Two requests side by side. */
export function Compare(props: { a: TrafficDetails; b: number; onClose(): void }) {
  const { a, b, onClose } = props
  const other = useQuery({ queryKey: QUERY.request(b), queryFn: () => control('traffic.get', { seq: b }) })
  return (
    <Modal opened onClose={onClose} title="Compare two requests" size="min(1080px, 92vw)">
      {other.isError ? (
        <ErrorNotice error={other.error} />
      ) : other.data === undefined ? (
        <Loader size="sm" aria-label="Loading" />
      ) : (
        <Sides a={other.data} b={a} />
      )}
    </Modal>
  )
}

function Sides(props: { a: TrafficDetails; b: TrafficDetails }) {
  const { a, b } = props
  const [all, setAll] = useState(false)
  const lines = differences(a, b).filter(({ same }) => all || !same)
  const groups = [...new Set(lines.map(({ group }) => group))]
  return (
    <>
      <Switch
        label="Also what is the same"
        size="xs"
        mb="sm"
        checked={all}
        onChange={(event) => setAll(event.currentTarget.checked)}
      />
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col" />
            <Head details={a} />
            <Head details={b} />
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Fragment key={group}>
              <tr>
                <th scope="rowgroup" colSpan={3} className={classes.group}>
                  {group}
                </th>
              </tr>
              {lines
                .filter((line) => line.group === group)
                .map((line) => (
                  <Line key={line.name} line={line} />
                ))}
            </Fragment>
          ))}
        </tbody>
      </table>
      {lines.length === 0 && <Text c="dimmed">Nothing of their facts, headers and times differs.</Text>}
      <CompareBodies a={a} b={b} />
    </>
  )
}

function Head(props: { details: TrafficDetails }) {
  const { details } = props
  return (
    <th scope="col">
      <span className={classes.path}>
        {visible(details.method)} <bdi>{visible(details.path)}</bdi>
      </span>
      <div className={classes.dim}>{preciseTime(details.at)}</div>
    </th>
  )
}

function Line(props: { line: Difference }) {
  const { name, a, b, same } = props.line
  return (
    <tr data-same={same || undefined}>
      <th scope="row">
        <bdi>{visible(name)}</bdi>
      </th>
      <Value text={a} side="a" />
      <Value text={b} side="b" />
    </tr>
  )
}

function Value(props: { text: string | null; side: 'a' | 'b' }) {
  const { text, side } = props
  if (text === null) return <td className={classes.dim}>not there</td>
  return (
    <td data-side={side}>
      {text.split('\n').map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of one value, which does not change.
        <div key={index}>
          <bdi>{visible(line)}</bdi>
        </div>
      ))}
    </td>
  )
}
