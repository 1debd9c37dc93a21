import { Button, Collapse, Group, Loader, Stack, Text } from '@mantine/core'
import { IconCheck, IconChevronDown, IconChevronRight, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Safe } from '../../components/Safe.tsx'
import { ScrollText } from '../../components/ScrollText.tsx'
import { visible, visibleLogLine } from '../../format/text.ts'
import { installsStore } from '../../state/installs.ts'
import { useStore } from '../../state/store.ts'
import classes from './Install.module.css'
import { installSteps, type StepState } from './install-steps.ts'
import type { Install, Stage } from './use-install.ts'

const NOTHING: [] = []

/** The installation as it goes on, with what the tools say behind "Details". */
export function ProgressStep(props: { install: Install; stage: Extract<Stage, { name: 'installing' }> }) {
  const { install, stage } = props
  const { review, error, cancelling } = stage
  const [details, setDetails] = useState(false)
  const progress = useStore(installsStore, (state) => state.get(review.reviewId) ?? NOTHING)
  const steps = installSteps(progress)
  return (
    <Stack gap="md">
      <Text role="status">
        {error !== null ? 'Not installed: ' : cancelling ? 'Cancelling: ' : 'Installing '}
        <b>
          <Safe text={review.title} />
        </b>
        {error === null && !cancelling && '…'}
      </Text>
      <ol className={classes.steps}>
        {steps.map((step) => (
          <li key={step.step} className={classes.step} data-state={step.state}>
            <span className={classes.stepIcon}>
              <StepIcon state={step.state} stopped={error !== null} />
            </span>
            {step.label}
            <span className="visually-hidden">{step.state}</span>
          </li>
        ))}
      </ol>
      {error !== null && <ErrorNotice error={error} />}
      <div>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={details ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
          aria-expanded={details}
          onClick={() => setDetails((shown) => !shown)}
        >
          Details
        </Button>
        <Collapse expanded={details}>
          <ScrollText
            label="Installation log"
            className={classes.log}
            text={
              progress.length === 0
                ? 'Nothing yet.'
                : progress.map((message) => `${visible(message.step)}  ${visibleLogLine(message.message)}`).join('\n')
            }
          />
        </Collapse>
      </div>
      <Group justify="flex-end" gap="xs">
        {error === null ? (
          <Button variant="default" onClick={install.cancel} loading={cancelling}>
            Cancel
          </Button>
        ) : (
          <>
            <Button variant="default" onClick={install.close}>
              Close
            </Button>
            <Button onClick={install.back}>Choose another source</Button>
          </>
        )}
      </Group>
    </Stack>
  )
}

function StepIcon(props: { state: StepState['state']; stopped: boolean }) {
  if (props.state === 'done') return <IconCheck size={16} aria-hidden="true" />
  if (props.state === 'failed') return <IconX size={16} aria-hidden="true" />
  if (props.state === 'running' && !props.stopped) return <Loader size={14} aria-hidden="true" />
  return <span className={classes.circle} />
}
