import { Modal } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { Me } from '../../../runtime/contract/models.ts'
import { type InstallRequest, installDialogStore } from '../../state/install-dialog.ts'
import { useStore } from '../../state/store.ts'
import classes from './Install.module.css'
import { justInstalledStore } from './just-installed.ts'
import { ProgressStep } from './ProgressStep.tsx'
import { ReviewingStep } from './ReviewingStep.tsx'
import { ReviewStep } from './ReviewStep.tsx'
import { SourceStep } from './SourceStep.tsx'
import { useInstall } from './use-install.ts'

const TITLES = {
  source: 'Install app',
  reviewing: 'Install app',
  review: 'Review',
  installing: 'Installing',
} as const

/** Source, review, progress: one path, one dialog. */
export function InstallDialog(props: { me: Me }) {
  const request = useStore(installDialogStore, (state) => state)
  if (request === null) return null
  return <Dialog me={props.me} request={request} />
}

function Dialog(props: { me: Me; request: InstallRequest }) {
  const { me, request } = props
  const install = useInstall(me, request)
  const { stage, close } = install
  const review = useRef(install.review)
  const body = useRef<HTMLDivElement>(null)
  const busy = stage.name === 'installing' && stage.error === null

  useEffect(() => {
    // A request is made once; what follows is up to the person.
    if (request.reviewNow) review.current(request.tab, request.source)
  }, [request])

  const opener = useRef(document.activeElement)
  useEffect(
    () => () => {
      // Back to where it was opened from; after an installation the app's page takes the focus.
      if (justInstalledStore.get() === null && opener.current instanceof HTMLElement) opener.current.focus()
    },
    [],
  )

  // Each step puts away the one that had the focus; the next one takes it on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the step's name is what it goes by.
  useEffect(() => {
    // A step that knows better where to go on has done so already.
    if (document.activeElement !== body.current && body.current?.contains(document.activeElement)) return
    const next = body.current?.querySelector<HTMLElement>('[data-autofocus]') ?? body.current
    next?.focus()
  }, [stage.name])

  return (
    <Modal
      opened
      onClose={close}
      title={TITLES[stage.name]}
      size={stage.name === 'source' ? 'lg' : 'xl'}
      // A slip of the hand must not throw an installation away; Cancel does.
      closeOnClickOutside={stage.name === 'source'}
      closeOnEscape={!busy}
      withCloseButton={!busy}
    >
      <div ref={body} tabIndex={-1} className={classes.body}>
        {stage.name === 'source' && <SourceStep me={me} install={install} />}
        {stage.name === 'reviewing' && <ReviewingStep reviewId={stage.reviewId} onCancel={install.back} />}
        {stage.name === 'review' && <ReviewStep me={me} install={install} review={stage.review} />}
        {stage.name === 'installing' && <ProgressStep install={install} stage={stage} />}
      </div>
    </Modal>
  )
}
