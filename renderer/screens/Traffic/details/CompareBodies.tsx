import { Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TrafficDetails } from '../../../../runtime/contract/models.ts'
import { control } from '../../../api.ts'
import { ScrollText } from '../../../components/ScrollText.tsx'
import { formatBytes } from '../../../format/units.ts'
import { QUERY } from '../../../state/queries.ts'
import { readableBody } from './body-kind.ts'
import classes from './Compare.module.css'

type Side = 'request' | 'response'

/** The bodies of two requests, where both were kept. */
export function CompareBodies(props: { a: TrafficDetails; b: TrafficDetails }) {
  return (
    <>
      <Bodies {...props} side="request" title="Body of the request" />
      <Bodies {...props} side="response" title="Body of the answer" />
    </>
  )
}

function Bodies(props: { a: TrafficDetails; b: TrafficDetails; side: Side; title: string }) {
  const { a, b, side, title } = props
  const kept = a.bodies[side] && b.bodies[side]
  const one = useBody(a.seq, side, kept)
  const other = useBody(b.seq, side, kept)
  if (one === undefined || other === undefined) return null
  const same = one.text === other.text && one.base64 === other.base64
  const texts = [readableBody(one), readableBody(other)]
  return (
    <>
      <Title order={3} mt="md" mb={4}>
        {title}
      </Title>
      {same ? (
        <Text c="dimmed">The same, {formatBytes(one.bytes)}.</Text>
      ) : (
        <div className={classes.bodies}>
          {texts.map((text, index) => (
            <ScrollText
              // biome-ignore lint/suspicious/noArrayIndexKey: there are two of them, left and right.
              key={index}
              label={`${title}, ${index === 0 ? 'left' : 'right'}`}
              text={text ?? 'No text.'}
              className={classes.body}
            />
          ))}
        </div>
      )}
    </>
  )
}

function useBody(seq: number, side: Side, kept: boolean) {
  return useQuery({
    queryKey: QUERY.body(seq, side),
    queryFn: () => control('traffic.body', { seq, side }),
    enabled: kept,
    gcTime: 10_000,
  }).data
}
