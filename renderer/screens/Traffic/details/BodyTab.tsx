import { Alert, Button, Loader, SegmentedControl, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { TrafficDetails } from '../../../../runtime/contract/models.ts'
import type { TrafficBody } from '../../../../runtime/contract/traffic.ts'
import { control } from '../../../api.ts'
import { ErrorNotice } from '../../../components/ErrorNotice.tsx'
import { ScrollText } from '../../../components/ScrollText.tsx'
import { visible } from '../../../format/text.ts'
import { formatBytes } from '../../../format/units.ts'
import { appsStore } from '../../../state/apps.ts'
import { QUERY, queryClient } from '../../../state/queries.ts'
import { useStore } from '../../../state/store.ts'
import { type BodyKind, bodyBytes, bodyKind, dataAddress, hexLines, parsedJson, readableBody } from './body-kind.ts'
import classes from './details.module.css'
import { JsonTree } from './JsonTree.tsx'

/** What was kept of both bodies, or how to have them kept. */
export function BodyTab(props: { details: TrafficDetails }) {
  const { details } = props
  const { request, response } = details.bodies
  return (
    <>
      {!request && !response && <Capture details={details} />}
      {request && <Side seq={details.seq} side="request" title="Request" />}
      {response && <Side seq={details.seq} side="response" title="Answer" />}
    </>
  )
}

function Capture(props: { details: TrafficDetails }) {
  const { appKey, bytesIn, bytesOut } = props.details
  const app = useStore(appsStore, (state) => (appKey === null ? undefined : state.byKey.get(appKey)))
  const capture = useQuery({ queryKey: QUERY.capture, queryFn: () => control('traffic.capture', {}) })
  const set = useMutation({
    mutationFn: (input: { appKey: string; bodies: boolean }) => control('traffic.setCapture', input),
    onSuccess: (answer) => queryClient.setQueryData(QUERY.capture, answer),
  })
  if (bytesIn === 0 && bytesOut === 0) return <Text c="dimmed">Neither the request nor the answer had a body.</Text>
  const on = appKey !== null && (capture.data?.apps.includes(appKey) ?? false)
  return (
    <div className={classes.capture}>
      <Text>
        {on
          ? 'This request came before bodies were kept, or its bodies made room for newer ones.'
          : 'Bodies are not kept. They may hold what is nobody’s business, so it is asked for app by app.'}
      </Text>
      {app?.may.manage === true && appKey !== null && capture.data !== undefined && (
        <>
          <Text size="xs" c="dimmed">
            Of each body {formatBytes(capture.data.limitBytes)} are kept, in memory only.
          </Text>
          <Button variant="default" loading={set.isPending} onClick={() => set.mutate({ appKey, bodies: !on })}>
            {on ? 'Stop keeping bodies of' : 'Keep bodies of'} {visible(app.title)}
          </Button>
        </>
      )}
    </div>
  )
}

function Side(props: { seq: number; side: 'request' | 'response'; title: string }) {
  const { seq, side, title } = props
  const body = useQuery({
    queryKey: QUERY.body(seq, side),
    queryFn: () => control('traffic.body', { seq, side }),
    gcTime: 10_000,
  })
  return (
    <section className={classes.section} aria-label={`Body of the ${title.toLowerCase()}`}>
      {body.isError ? (
        <ErrorNotice error={body.error} />
      ) : body.data === undefined ? (
        <Loader size="sm" aria-label="Loading" />
      ) : (
        <Preview title={title} body={body.data} />
      )}
    </section>
  )
}

const WORDS: Record<BodyKind, string> = { json: 'Tree', image: 'Image', text: 'Text', hex: 'Bytes' }

function Preview(props: { title: string; body: TrafficBody }) {
  const { title, body } = props
  const best = bodyKind(body)
  const [chosen, setChosen] = useState<BodyKind | null>(null)
  const kinds: BodyKind[] = [...new Set<BodyKind>([best, ...(body.text === null ? [] : ['text' as const]), 'hex'])]
  const kind = chosen !== null && kinds.includes(chosen) ? chosen : best
  return (
    <>
      <div className={classes.bodyHead}>
        <Title order={3}>{title}</Title>
        <Text size="xs" c="dimmed" flex={1}>
          {body.type === null ? 'No type stated' : visible(body.type)}, {formatBytes(body.bytes)}
          {body.encoding !== null && ` as ${visible(body.encoding)}`}
          {body.truncated && `, the first ${formatBytes(body.shownBytes)} of it`}
        </Text>
        <SegmentedControl
          size="xs"
          aria-label={`Show the ${title.toLowerCase()} as`}
          value={kind}
          onChange={(value) => setChosen(value as BodyKind)}
          data={kinds.map((value) => ({ value, label: WORDS[value] }))}
        />
      </div>
      {body.problem !== null && (
        <Alert color="yellow" variant="light" py="xs" mb="xs">
          {visible(body.problem)}
        </Alert>
      )}
      {body.bytes === 0 ? <Text c="dimmed">Empty.</Text> : <Content body={body} kind={kind} title={title} />}
    </>
  )
}

const HEX_BYTES = 16 * 1024

function Content(props: { body: TrafficBody; kind: BodyKind; title: string }) {
  const { body, kind, title } = props
  const label = `${title}, ${WORDS[kind].toLowerCase()}`
  switch (kind) {
    case 'json':
      return <JsonTree value={parsedJson(body.text ?? '')} />
    case 'image':
      return <img className={classes.image} src={dataAddress(body)} alt={`Body of the ${title.toLowerCase()}`} />
    case 'text':
      return <ScrollText label={label} className={classes.text} text={readableBody(body) ?? ''} />
    case 'hex':
      return <ScrollText label={label} className={classes.hex} text={hexLines(bodyBytes(body), HEX_BYTES).join('\n')} />
  }
}
